"""Bootstrap intervals of a report, and the resamples they come from."""
