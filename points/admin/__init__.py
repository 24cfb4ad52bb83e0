from . import ledger, partner, proofs, rules, settlements

__all__ = ["ledger", "partner", "proofs", "rules", "settlements"]
