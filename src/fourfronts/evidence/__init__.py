"""What is known: facts, series and tables, each with its unit, date, grade and source."""

from fourfronts.evidence.loader import EVIDENCE_CUTOFF, Evidence, digest, load, validate
from fourfronts.evidence.records import Chip, Fact, Gap, Incident, Model, Record, SeriesPoint, Volume

__all__ = [
    "EVIDENCE_CUTOFF",
    "Chip",
    "Evidence",
    "Fact",
    "Gap",
    "Incident",
    "Model",
    "Record",
    "SeriesPoint",
    "Volume",
    "digest",
    "load",
    "validate",
]
