"""Accounts: from a park and what flowed in it to one ledger, KPIs and policy verdicts.

Knows no solver. `account` is the entry; `formulas` and `limits` are usable alone.
"""
