"""The waiting room: past what the machine can serve, families come in by order of arrival (ADR 0021)."""
