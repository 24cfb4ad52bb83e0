from . import cost_shares, ledger, partner, proofs, rules, settlements

__all__ = ["cost_shares", "ledger", "partner", "proofs", "rules", "settlements"]
