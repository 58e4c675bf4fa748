"""What matters: questions that can be put to the futures, one analysis a file, each answered by a `Finding`."""
