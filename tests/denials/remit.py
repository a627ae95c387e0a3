"""Small 835 files, written down the way a payer would send them.

Every value is invented. ``interchange`` returns the bytes of a whole file.
"""

from __future__ import annotations

from collections.abc import Sequence

PAYER_ID = "1555000111"
PAYEE_ID = "1999999984"
Cas = tuple[str, str, str]


def svc(
    code: str = "HC:99213",
    charge: str = "100",
    paid: str = "0",
    *,
    cas: Sequence[Cas] = (),
    remarks: Sequence[str] = (),
    control: str = "",
    on: str = "20260814",
) -> str:
    """Return the segments of one service line."""
    parts = [f"SVC*{code}*{charge}*{paid}**1"]
    parts += [f"DTM*472*{on}"] if on else []
    parts += [f"CAS*{group}*{carc}*{amount}" for group, carc, amount in cas]
    parts += [f"REF*6R*{control}"] if control else []
    parts += [f"LQ*HE*{code}" for code in remarks]
    return "~".join(parts)


def clp(
    pcn: str = "PCN1",
    *lines: str,
    status: str = "1",
    charge: str = "100",
    paid: str = "0",
    control: str = "ICN1",
    cas: Sequence[Cas] = (),
    moa: str = "",
    on: str = "20260814",
) -> str:
    """Return the segments of one claim."""
    parts = [f"CLP*{pcn}*{status}*{charge}*{paid}*0*12*{control}*11*1"]
    parts += [f"CAS*{group}*{carc}*{amount}" for group, carc, amount in cas]
    parts += ["NM1*QC*1*ROE*ALEX****MI*W000111"]
    parts += [f"MOA***{moa}"] if moa else []
    parts += [f"DTM*232*{on}"] if on else []
    return "~".join([*parts, *lines])


def payment(
    *claims: str,
    trace: str = "T1",
    on: str = "20261021",
    amount: str = "0",
    payer: str = "MERIDIAN PPO",
    payer_id: str = PAYER_ID,
    payee_id: str = PAYEE_ID,
    plb: Sequence[str] = (),
    control: str = "0001",
    end: bool = True,
) -> str:
    """Return one transaction, without its SE when ``end`` is false."""
    head = [
        f"ST*835*{control}",
        f"BPR*I*{amount}*C*ACH*CTX*01*1*DA*1*{payer_id}**01*1*DA*1*{on}",
        f"TRN*1*{trace}*{payer_id}",
        f"N1*PR*{payer}",
        f"N1*PE*NORTH CLINIC*XX*{payee_id}",
        "LX*1",
    ]
    body = "~".join([*head, *claims, *plb])
    if not end:
        return body
    return f"{body}~SE*{body.count('~') + 2}*{control}"


def interchange(*transactions: str, control: str = "000000001") -> bytes:
    """Return a whole file with one interchange of these transactions."""
    isa = (
        "ISA*00*          *00*          *ZZ*SENDER         *ZZ*RECEIVER       "
        f"*261021*0800*^*00501*{control}*0*P*:"
    )
    group = "GS*HP*SENDER*RECEIVER*20261021*0800*1*X*005010X221A1"
    ends = [f"GE*{len(transactions)}*1", f"IEA*1*{control}"]
    return ("~\n".join([isa, group, *transactions, *ends]) + "~\n").encode()


def cut_off(*claims: str, at: str, **more: str) -> bytes:
    """Return a file that ends in the middle of a claim, after the text ``at``."""
    text = interchange(payment(*claims, **more)).decode()
    return text[: text.rindex(at) + len(at)].encode()
