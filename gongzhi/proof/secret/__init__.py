"""Secret votes: exponential ElGamal on edwards25519, proofs on every ballot, weighted totals, three trustees.

Pure: no Django, no clock. `ballots` makes and verifies ballots, `trustees` the election's key and the decryption,
`totals` adds up and opens. docs/secret-votes.md has the formats and what secrecy this gives and does not give.
"""
