"""Seeds: the reference data that ships, and the demo hospital.

Owns queues, templates, taxonomy, playbooks, glossary and payers as shipped, and the
demo people, claims and ninety days of history.

The flow: `load_reference` writes what every site needs, `load_demo` adds the demo, both
harmless the second time. The gate: everything is written through services, so seeded
rows have true trails. The trap: `load_demo` refuses a database not marked as demo.

May import every other room; nothing imports this one but its commands.
Public entry points: the two commands, and `seeds.demo.people()`.
"""
