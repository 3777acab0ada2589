"""Studies with their design, arms, sites and amendments."""

from studies.protocol.models.amendments import Amendment
from studies.protocol.models.arms_and_sites import Arm, Site
from studies.protocol.models.studies import Study, new_date_shift, new_key, new_seed

# Migrations refer to the functions by this module.
__all__ = ["Amendment", "Arm", "Site", "Study", "new_date_shift", "new_key", "new_seed"]
