"""What a page of rules posts besides what is typed: the version it was drawn against."""

import re

_READ = re.compile(r'<input type="hidden" name="read" value="(\d*)">')


def read_on(client, address):
    """Return the version in force that a page says it was drawn against."""
    [read] = _READ.findall(client.get(address).content.decode())
    return {"read": read}


def send(client, address, posted):
    """Open the page of a form and send it with what was typed."""
    return client.post(address, read_on(client, address) | posted)


def approve(client, address, **posted):
    """Open the page of a version and put it in force."""
    return client.post(f"{address}approve/", read_on(client, address) | posted)


def stands_on(queue, **changes):
    """Return what the page posts of what a queue stands on, some of it another one."""
    return {
        "sla": queue.sla_policy.slug,
        "template": queue.template.slug,
        "review": queue.review_policy.slug,
    } | changes
