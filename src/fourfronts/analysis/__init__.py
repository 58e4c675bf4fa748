"""What matters: ensembles, their summary, and the checks against published figures."""
