"""Pictures of findings, one analysis a file: each a function `plate(finding, stamp)`."""
