"""What a recording shows, as a verdict for every check that it can answer."""

from rumkit.client.diagnosis.case import RecordingVerdict
from rumkit.client.diagnosis.judges import JUDGES, diagnose, recorded_snippets

__all__ = ["JUDGES", "RecordingVerdict", "diagnose", "recorded_snippets"]
