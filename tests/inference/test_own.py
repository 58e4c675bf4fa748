"""A user's own figures: what is wrong with them is told by name, and what is right stands beside ours."""

from datetime import date

import numpy as np
import pytest

from fourfronts.errors import InputError
from fourfronts.evidence.loader import load
from fourfronts.inference.observations import observations
from fourfronts.inference.own import read
from fourfronts.inference.published import published

HEADER = "series,value,unit,as_of,low,high,bound,source\n"


def _file(tmp_path, *lines, header=HEADER):
    path = tmp_path / "mine.csv"
    path.write_text(header + "".join(f"{line}\n" for line in lines), encoding="utf-8")
    return path


def test_own_figures_stand_beside_ours_and_calibrate(tmp_path):
    path = _file(
        tmp_path, "huawei_sold,450000,H100e,2025-06-30,300000,700000,,my count", "gap_index,7,months,2026-04,,,,"
    )
    own = read(path)
    ours, both = (observations(published(), load(), own=each) for each in (None, own))
    assert both.count == ours.count + 2
    row = both.names.index("huawei_sold")
    point = next(index for index, each in enumerate(both.figures[row]) if each.rows == ("own-1",))
    assert both.value[row, point] == pytest.approx(np.log(450000))
    assert both.error[row, point] == pytest.approx(np.log(7 / 3) / (2 * 1.6448536))
    assert both.used[row, point]
    # In time order, between the figures of 2024 and 2025.
    assert [each.rows[0] for each in both.figures[row]] == ["STOCK-017", "own-1", "STOCK-018"]


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("huawei_solt,1,H100e,2025-06,,,,", "line 2: unknown series 'huawei_solt'.*huawei_sold"),
        ("huawei_sold,1,chips,2025-06,,,,", "line 2: unit 'chips'; accepted: H100e"),
        (
            "huawei_sold,1,H100e,2026-06-30,,,,",
            "line 2: as_of '2026-06-30' is after .* accepted: up to 2026-05-31",
        ),
        ("huawei_sold,1,H100e,2019,,,,", "line 2: as_of '2019'; accepted: from 2020-01 on"),
        ("huawei_sold,1,H100e,soon,,,,", "line 2: as_of 'soon'"),
        ("huawei_sold,many,H100e,2025-06,,,,", "line 2: value 'many'; accepted: a number"),
        ("huawei_sold,-5,H100e,2025-06,,,,", "line 2: value.* -5 .*accepted: above 0"),
        ("us_firms_census,140,percent,2025-06,,,,", "line 2: value.* 140 percent .*accepted: 0 to 100"),
        ("huawei_sold,5,H100e,2025-06,9,3,,", "line 2: low 9 and high 3; accepted: low below high"),
        ("huawei_sold,5,H100e,2025-06,9,,,", "line 2: only one of low and high"),
        ("huawei_sold,5,H100e,2025-06,,,about,", "line 2: bound 'about'; accepted: at_least, at_most or nothing"),
    ],
)
def test_what_is_wrong_is_told_with_file_line_field_and_what_is_accepted(tmp_path, line, said):
    with pytest.raises(InputError, match=rf"mine\.csv, {said}"):
        read(_file(tmp_path, line))


def test_an_earlier_cut_off_refuses_what_came_after_it(tmp_path):
    path = _file(tmp_path, "huawei_sold,450000,H100e,2025-06-30,,,,")
    with pytest.raises(InputError, match="accepted: up to 2024-12-31"):
        read(path, date(2024, 12, 31))


def test_columns_are_checked(tmp_path):
    with pytest.raises(InputError, match="column unit missing"):
        read(_file(tmp_path, header="series,value,as_of\n"))
    with pytest.raises(InputError, match="unknown column 'valeu'"):
        read(_file(tmp_path, header="series,valeu,unit,as_of\n"))
    with pytest.raises(InputError, match="no figures"):
        read(_file(tmp_path))
    with pytest.raises(InputError, match="cannot be read"):
        read(tmp_path / "none.csv")
