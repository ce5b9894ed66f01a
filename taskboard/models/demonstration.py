"""The one password of all demonstration accounts. They exist only in a demonstration's database."""

DEMO_PASSWORD = "Gongshu@2020"  # noqa: S105 - public by design; no other installation has these accounts
