"""The words of a refusal: what was found, where, what was perhaps meant, what is accepted."""

from hypothesis import given
from hypothesis import strategies as st

from fourfronts.errors import InputError, nearest, unknown

LEVERS = ["remote_access_rule", "chip_export_cap", "transition_support"]


def test_an_unknown_name_is_answered_with_the_likely_one_and_all_accepted():
    error = unknown("lever", "remot_access", LEVERS, "plan.yaml")
    assert isinstance(error, InputError)
    assert str(error) == (
        "plan.yaml: unknown lever 'remot_access': did you mean 'remote_access_rule'? "
        "accepted: remote_access_rule, chip_export_cap, transition_support"
    )


def test_a_name_like_no_other_is_answered_with_what_is_accepted():
    assert str(unknown("lever", "zzz", LEVERS)) == (
        "unknown lever 'zzz'; accepted: remote_access_rule, chip_export_cap, transition_support"
    )


def test_a_long_list_is_cut_and_counted():
    message = str(unknown("id", "?", (f"ROW-{number}" for number in range(100))))
    assert message.endswith("ROW-10, ROW-11 and 88 more")


def test_case_does_not_hide_the_likely_name():
    assert nearest("REMOTE_ACCESS_RULE", LEVERS) == ["remote_access_rule"]


@given(st.text(max_size=10), st.lists(st.text(min_size=1, max_size=10)))
def test_suggestions_are_few_and_always_real_options(name, options):
    suggested = nearest(name, options)
    assert len(suggested) <= 3
    assert set(suggested) <= set(options)
    assert name not in options or name.lower() in {option.lower() for option in suggested}
