"""Pages of denials: payer profiles."""
