"""Raw segments as they may be shown."""

import pytest

from worklists.x12.masking import masked

pytestmark = pytest.mark.unit

REMIT = (
    "CLP*PT7726*4*1653*483.8**MB*20262*11*1~"
    "NM1*QC*1*WARD*UMA*J***MI*MB86558923~"
    "REF*EA*778812~"
    "NM1*82*1*COHEN*RUTH****XX*1003000126~"
    "REF*1C*55~SVC*HC:99213*100*0~REF*6R*PT772601~"
)
CLAIM = (
    "NM1*IL*1*DOE*JORDAN****MI*W000~N3*12 ELM ST*APT 4~N4*PEORIA*IL*61602~"
    "DMG*D8*19610704*F~REF*SY*123456789~CLM*ACCT-1*500~REF*D9*77~"
)


def test_a_patient_of_a_remittance_is_masked_and_nothing_else_is():
    patient = "*".join(["NM1", "QC", "1", "…", "…", "…", "", "", "MI", "…"])
    assert masked(REMIT) == (
        "CLP*PT7726*4*1653*483.8**MB*20262*11*1~"
        f"{patient}~REF*EA*…~"
        "NM1*82*1*COHEN*RUTH****XX*1003000126~"
        "REF*1C*55~SVC*HC:99213*100*0~REF*6R*PT772601~"
    )


def test_address_birth_and_numbers_of_an_insured_are_masked():
    said = masked(CLAIM)
    for secret in ("DOE", "JORDAN", "W000", "ELM", "PEORIA", "61602", "1961", "123456"):
        assert secret not in said
    assert "*IL*" in said.partition("N4*")[2]
    assert said.endswith("CLM*ACCT-1*500~REF*D9*77~")


@pytest.mark.parametrize("cut", range(len(REMIT)))
def test_a_file_that_is_cut_off_anywhere_shows_no_name(cut):
    said = masked(REMIT[:cut])
    for secret in ("WAR", "UMA", "MB8"):
        assert secret not in said


def test_other_separators_and_lines_are_known():
    raw = "NM1|QC|1|WARD|UMA||||MI|MB8\nNM1|PR|2|MERIDIAN PPO\n"
    assert masked(raw) == "NM1|QC|1|…|…||||MI|…\nNM1|PR|2|MERIDIAN PPO\n"
    assert "WARD" not in masked("LX*1'NM1*QC*1*WARD*UMA'")


@pytest.mark.parametrize(
    "text", ["", "no segments at all", "NM1", "NM1*", "~~~", "N3*x~"]
)
def test_what_is_no_segment_stays(text):
    assert masked(text) == text
