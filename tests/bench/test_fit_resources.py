"""Logic fitted to builds."""

import pytest

from bench.hardware.fit_resources import fit, fit_all, left_out

NAMES = ("constant", "lane", "unit", "bank_bit")


def build(lanes, pointwise_lanes, banks=0, family="ecp5", weight_bits=8):
    """A build whose logic follows a law."""
    features = dict(zip(NAMES, (1, lanes, pointwise_lanes, banks), strict=True))
    luts = 3000 + 40 * lanes + 700 * pointwise_lanes + 2 * banks
    return {
        "family": family, "board": "ulx3s-85f", "lanes": lanes, "weight_bits": weight_bits,
        "worst_mhz": 100.0 + lanes, "features": features,
        "resources": {"TRELLIS_COMB": luts, "TRELLIS_FF": luts // 2, "ICESTORM_LC": luts},
    }  # fmt: skip


def test_finds_the_law():
    builds = [build(8, 1), build(16, 2, 64), build(32, 4, 32), build(64, 8), build(64, 4, 128)]
    found = fit(
        [row["features"] for row in builds], [row["resources"]["TRELLIS_COMB"] for row in builds]
    )
    assert found == pytest.approx(
        {"constant": 3000, "lane": 40, "unit": 700, "bank_bit": 2}, rel=1e-3
    )


def test_what_is_known_is_not_fitted():
    builds = [build(8, 1), build(16, 2, 64), build(32, 4, 32), build(64, 8), build(64, 4, 128)]
    features = [row["features"] for row in builds]
    counts = [row["resources"]["TRELLIS_COMB"] for row in builds]
    found = fit(features, counts, {"lane": 40})
    assert found.pop("lane") == 40
    assert found == pytest.approx({"constant": 3000, "unit": 700, "bank_bit": 2}, rel=1e-3)
    assert fit(features, counts, {"lane": 30}) != pytest.approx(found | {"lane": 30}, rel=0.01)
    assert left_out(features, counts, {"lane": 40}) < 0.001 < left_out(features, counts)


def test_one_build_is_a_constant():
    found = fit_all([build(8, 1, family="ice40")])
    (name,) = found["logic"]["ice40"]["ICESTORM_LC"]
    assert found["relative_error"]["ice40"]["ICESTORM_LC"] == {"builds": 1, "largest": None}
    assert name == "constant"
    assert found["fmax_mhz"] == {"ulx3s-85f": {"8": 108.0}}


def test_no_part_is_negative():
    builds = [build(8, 8), build(16, 1), build(64, 2)]
    found = fit_all(builds)["logic"]["ecp5"]["TRELLIS_FF"]
    assert min(found.values()) >= 0


def test_every_build_is_predicted_from_the_others():
    builds = [
        build(lanes, pointwise_lanes) for lanes in (8, 16, 32, 64) for pointwise_lanes in (1, 2, 4)
    ]
    error = fit_all(builds)["relative_error"]["ecp5"]["TRELLIS_COMB"]
    assert error["builds"] == 12
    assert error["largest"] < 0.001
    builds[0]["resources"]["TRELLIS_COMB"] *= 2
    assert fit_all(builds)["relative_error"]["ecp5"]["TRELLIS_COMB"]["largest"] > 0.3


def test_packed_accelerators_count_where_none_was_routed():
    builds = [build(8, 1), build(16, 2), build(32, 4)]
    packed = [build(32, 4), build(128, 4), build(64, 16)]
    found = fit_all(builds, packed)
    assert found["relative_error"]["ecp5"]["TRELLIS_FF"]["builds"] == 5
    assert found["logic"]["ecp5"]["TRELLIS_COMB"]["unit"] == pytest.approx(700, rel=1e-3)
    assert set(found["fmax_mhz"]["ulx3s-85f"]) == {"8", "16", "32"}
