"""Synthetic files: valid by the guide, balanced, realistic, the same for a seed."""

import hashlib
import io
import itertools
from collections import Counter
from datetime import date, timedelta
from decimal import Decimal

import oxedi
import pytest
from django.core.management import CommandError, call_command
from pyx12 import params, x12n_document

from seeds.x12_tables import PAYEES, PAYERS, REASONS, Payee, Payer
from seeds.x12_writer import DEFAULT_DATE, dollars, write_835
from worklists.x12 import (
    FileFacts,
    Finding,
    PaymentHeader,
    RemittanceClaim,
    TransactionEnd,
    read_file,
)

SHARE = {"45", "1", "2", "3", "23"}


def written(claims: int, **options) -> bytes:
    out = io.StringIO()
    write_835(out, claims=claims, **options)
    return out.getvalue().encode("ascii")


@pytest.fixture(scope="module")
def events():
    return list(read_file(io.BytesIO(written(6000, seed=5))))


@pytest.fixture(scope="module")
def claims(events):
    """Each claim with the name of its payer."""
    found, payer = [], ""
    for event in events:
        if isinstance(event, PaymentHeader):
            payer = event.payer_name
        elif isinstance(event, RemittanceClaim):
            found.append((payer, event))
    return found


def every(claim):
    return [*claim.adjustments, *(a for line in claim.lines for a in line.adjustments)]


def denied(claim) -> bool:
    return claim.status != "22" and any(a.reason not in SHARE for a in every(claim))


@pytest.mark.unit
class TestFile:
    def test_number_of_claims_is_as_asked(self, claims):
        assert len(claims) == 6000

    @pytest.mark.parametrize("count", [1, 2, 19, 20, 21, 401])
    def test_small_numbers_of_claims(self, count):
        found = list(read_file(io.BytesIO(written(count, seed=count))))
        assert sum(isinstance(event, RemittanceClaim) for event in found) == count

    def test_reader_finds_nothing_odd(self, events):
        assert [event for event in events if isinstance(event, Finding)] == []
        assert events[-1].complete

    def test_every_payment_balances(self, events):
        ends = [event for event in events if isinstance(event, TransactionEnd)]
        assert len(ends) > 10
        assert all(end.balances and end.complete for end in ends)
        assert all(end.declared_segments == end.segments for end in ends)
        assert min(end.payment for end in ends) >= 0

    def test_every_claim_and_line_balances(self, claims):
        for _, claim in claims:
            assert claim.balanced
            for line in claim.lines:
                adjusted = sum((a.amount for a in line.adjustments), Decimal(0))
                assert line.charge - line.paid == adjusted
            if claim.lines:
                assert claim.charge == sum(line.charge for line in claim.lines)
                assert claim.paid == sum(line.paid for line in claim.lines)

    def test_same_seed_same_bytes(self):
        first = hashlib.sha256(written(500, seed=7)).hexdigest()
        assert first == hashlib.sha256(written(500, seed=7)).hexdigest()
        assert first != hashlib.sha256(written(500, seed=8)).hexdigest()
        other = written(500, seed=7, on=DEFAULT_DATE - timedelta(days=1))
        assert first != hashlib.sha256(other).hexdigest()

    def test_bytes_of_a_seed_stay_the_same_from_version_to_version(self):
        """Changes only with the writer itself: then the new digest is put here."""
        digest = hashlib.sha256(written(50, seed=1, on=date(2026, 1, 15))).hexdigest()
        assert digest[:16] == "e4608cb730ca78b2"

    def test_usage_flag_says_test(self, events):
        assert events[0].usage == "T"


@pytest.mark.unit
class TestRealism:
    def test_share_of_denied_claims(self, claims):
        share = sum(denied(claim) for _, claim in claims) / len(claims)
        assert 0.11 <= share <= 0.15

    def test_payers_differ(self, claims):
        total, no = Counter(), Counter()
        for payer, claim in claims:
            total[payer] += 1
            no[payer] += denied(claim)
        shares = {payer: no[payer] / total[payer] for payer in total}
        assert min(shares, key=shares.get) == "MEDICARE FFS"
        assert shares["MEDICARE FFS"] < 0.11
        assert max(shares.values()) > 0.14

    def test_mix_of_reasons_follows_its_weights(self, claims):
        found = Counter()
        for _, claim in claims:
            if denied(claim):
                found[
                    next(a.reason for a in every(claim) if a.reason not in SHARE)
                ] += 1
        total = sum(found.values())
        for reason in REASONS:
            assert found[reason.carc] / total == pytest.approx(
                reason.weight / 100, abs=0.035
            )
        assert sum(reason.weight for reason in REASONS) == 100

    def test_remarks_stand_where_a_reason_needs_one(self, claims):
        wants = {r.carc: set(r.remarks) for r in REASONS}
        for _, claim in claims:
            for holder in claim.lines or [claim]:
                for entry in holder.adjustments:
                    if wants.get(entry.reason):
                        assert set(holder.remarks) & wants[entry.reason]

    def test_contract_adjustment_on_most_paid_lines(self, claims):
        paid = [line for _, c in claims for line in c.lines if line.paid > 0]
        with_45 = sum(any(a.reason == "45" for a in line.adjustments) for line in paid)
        assert with_45 / len(paid) > 0.9

    def test_reversals_and_corrected_claims(self, claims):
        reversed_ = [c for _, c in claims if c.status == "22"]
        corrected = [c for _, c in claims if c.frequency == "7" and c.status == "1"]
        assert len(reversed_) == len(corrected)
        assert 0.03 <= 2 * len(reversed_) / len(claims) <= 0.05
        assert all(claim.charge < 0 and claim.paid <= 0 for claim in reversed_)

    def test_a_reversal_takes_back_a_claim_and_its_correction_follows(self, claims):
        seen = {}
        pairs = 0
        for (_, claim), (_, behind) in itertools.pairwise(claims):
            if claim.status != "22":
                seen[claim.patient_control] = claim
                continue
            assert behind.patient_control == claim.patient_control
            before = seen.get(claim.patient_control)
            if before is not None:
                pairs += 1
                assert claim.payer_control == before.payer_control
                assert (claim.charge, claim.paid) == (-before.charge, -before.paid)
        assert pairs > 20

    def test_secondary_claims_money_outside_and_stays(self, events, claims):
        assert 0.03 < sum(c.status == "2" for _, c in claims) / len(claims) < 0.08
        facts = FileFacts()
        for event in events:
            facts.add(event)
        assert facts.sections()["835"]["plb_total"] != "0"
        stays = [c for _, c in claims if c.drg]
        assert stays
        assert all(not c.lines and c.charge for c in stays)

    def test_services_lie_in_the_months_before_the_payment(self, claims):
        for _, claim in claims:
            assert DEFAULT_DATE - timedelta(90) < claim.service_from < DEFAULT_DATE

    def test_control_numbers_of_claims_are_unique(self, claims):
        first = Counter(c.patient_control for _, c in claims if c.frequency == "1")
        twice = {c.patient_control for _, c in claims if c.status == "22"}
        assert all(count == 1 or key in twice for key, count in first.items())


@pytest.mark.unit
def test_own_payers_and_payees():
    payers = [Payer("SMALL PLAN", "1999999999", 1.0, deductible=0.0)]
    payees = [Payee("TINY CLINIC", "1234567893", "990000009", hospital=False)]
    found = list(read_file(io.BytesIO(written(80, payers=payers, payees=payees))))
    headers = [event for event in found if isinstance(event, PaymentHeader)]
    assert {(h.payer_id, h.payee_npi) for h in headers} == {
        ("1999999999", "1234567893")
    }
    first = [
        event
        for event in found
        if isinstance(event, RemittanceClaim) and event.status == "1"
    ]
    assert sum(denied(claim) for claim in first) / len(first) > 0.9


@pytest.mark.unit
@pytest.mark.parametrize(
    ("cents", "text"),
    [(0, "0"), (5, "0.05"), (50, "0.5"), (100, "1"), (10_050, "100.5"), (-1999, "-19.99"),
     (120_000, "1200")],
)  # fmt: skip
def test_amounts_as_the_guide_writes_them(cents, text):
    assert dollars(cents) == text


def test_ids_of_payers_and_payees_are_those_of_the_demonstration_site():
    from seeds.reference import site

    known = {i for facility in site.FACILITIES for i in facility.payee_ids}
    assert {payee.npi for payee in PAYEES} <= known
    known = {i for payer in site.PAYERS for i in payer.payer_ids}
    assert {payer.id for payer in PAYERS} <= known


@pytest.mark.integration
def test_guide_validation_of_pyx12():
    """The implementation guide X221A1 as an independent library holds it."""
    text = written(300, seed=3).decode()
    ack = io.StringIO()
    parameters = params.params()
    parameters.set("simple_dtd", "")

    def is_valid(file: str, ack: io.StringIO) -> bool:
        return x12n_document.x12n_document(
            param=parameters, src_file=io.StringIO(file), fd_997=ack, fd_html=None
        )

    assert is_valid(text, ack), ack.getvalue()[-2000:]
    assert not is_valid(text.replace("~\nCLP*", "~\nCLP**", 1), io.StringIO())


def table_of(result, name: str) -> list[dict[str, str]]:
    """A table of oxedi from its text: title, columns with types, rows."""
    _, columns, *rows = result.tables[name].render().splitlines()
    names = [column.split(":")[0].strip() for column in columns.split(" | ")]
    return [dict(zip(names, row.split(" | "), strict=True)) for row in rows if row]


def total(rows: list[dict[str, str]], column: str) -> Decimal:
    return sum(
        (Decimal(row[column]) for row in rows if row[column].strip()), Decimal(0)
    )


@pytest.mark.integration
def test_counts_and_sums_of_oxedi(tmp_path):
    """A reader of another hand sees the same claims, lines, adjustments and sums."""
    data = written(1500, seed=11)
    path = tmp_path / "made.edi"
    path.write_bytes(data)
    facts = FileFacts()
    for event in read_file(io.BytesIO(data)):
        facts.add(event)
    ours = facts.sections()["835"]
    theirs = oxedi.parse_file(str(path))
    claims, services, adjusted = (
        table_of(theirs, name) for name in ("claims", "services", "adjustments")
    )
    assert len(claims) == ours["claims"]
    assert len(services) == ours["service_lines"]
    assert len(adjusted) == sum(row["count"] for row in ours["cas"])
    assert total(claims, "charge_amount") == Decimal(ours["total_charge"])
    assert total(claims, "payment_amount") == Decimal(ours["total_paid"])
    assert total(services, "payment_amount") == Decimal(ours["service_line_paid"])
    assert total(adjusted, "amount") == Decimal(ours["cas_total"])


class TestCommand:
    def test_writes_the_file(self, tmp_path, capsys):
        out = tmp_path / "made.edi"
        call_command(
            "make_x12", "--kind=835", "--claims=25", f"--out={out}", "--seed=4"
        )
        assert out.read_bytes() == written(25, seed=4)
        assert "25 claims" in capsys.readouterr().out
        assert [path.name for path in tmp_path.iterdir()] == ["made.edi"]

    @pytest.mark.parametrize(
        ("wrong", "named"),
        [("--kind=837p", "835"), ("--claims=0", "from 1 on"), ("--claims=x", "from 1 on"),
         ("--date=May", "--date")],
    )  # fmt: skip
    def test_wrong_usage_exits_2_and_names_what_is_right(
        self, tmp_path, capsys, monkeypatch, wrong, named
    ):
        from manage import main  # the command line itself: call_command never exits 2

        arguments = {"--kind": "835", "--claims": "5", "--out": str(tmp_path / "x.edi")}
        key, value = wrong.split("=")
        arguments[key] = value
        line = ["manage.py", "make_x12", *(f"{k}={v}" for k, v in arguments.items())]
        monkeypatch.setattr("sys.argv", line)
        with pytest.raises(SystemExit) as stopped:
            main()
        assert stopped.value.code == 2
        assert named in capsys.readouterr().err
        assert list(tmp_path.iterdir()) == []

    def test_no_half_file_is_left(self, tmp_path):
        out = tmp_path / "missing" / "made.edi"
        with pytest.raises(CommandError, match="No such file"):
            call_command("make_x12", "--kind=835", "--claims=5", f"--out={out}")
        assert list(tmp_path.iterdir()) == []


@pytest.mark.heavy
def test_a_million_claims_take_no_memory():
    """Written to nowhere: the process does not grow with the file."""
    import resource

    class Nowhere(io.TextIOBase):
        size = 0

        def write(self, text: str) -> int:
            self.size += len(text)
            return len(text)

    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    out = Nowhere()
    write_835(out, claims=1_000_000)
    assert out.size > 400_000_000
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 30_000
