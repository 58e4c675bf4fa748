"""The policy levels a month runs under. Their meaning, ranges and sources are data of the policy room."""

from typing import NamedTuple

from fourfronts.model.ops import Array


class Levers(NamedTuple):
    """Level of each lever, one value a step. Units are in `policy/levers.yaml`."""

    # close the loopholes
    enforcement_budget: Array  # multiple of the 2025 budget
    location_verification: Array  # share of exported chips
    remote_access_rule: Array  # share of third-country renting covered
    chip_export_ceiling: Array  # TPP of the best chip licensed
    chip_export_cap: Array  # share of the sellers' output
    euv_controls: Array  # 0 none, 1 all denied
    equipment_controls: Array  # 0 none, 1 all denied
    hbm_controls: Array  # 0 none, 1 all denied
    allied_alignment: Array  # 0 none, 1 all match
    # defend the models
    distillation_detection: Array  # 0 to 1
    threat_sharing: Array  # 0 to 1
    legal_deterrence: Array  # 0 to 1
    release_gating: Array  # months
    # champion exports and adoption
    export_finance: Array  # 0 to 1
    domestic_adoption_programme: Array  # 0 to 1
    power_buildout: Array  # 0 to 1
    # resilience
    transition_support: Array  # 0 to 1
    # PRC responses
    prc_chip_support: Array  # 0 to 1
    prc_import_openness: Array  # share of licensed imports admitted
    prc_evasion_effort: Array  # multiple of the 2025 effort
    prc_ai_plus_push: Array  # 0 to 1
    prc_export_subsidy: Array  # 0 to 1
