"""共治 (Gongzhi): residential property governance, run by policy packs."""
