"""The words of a dispute, shared by complaints and mediation. No Django."""

# Kinds of mediation in the order in which one follows the other.
MEDIATION_KINDS = {"people": "人民调解", "administrative": "行政调解", "judicial": "司法调解"}
TRIBUNALS = {"court": "人民法院", "fast": "速裁庭", "circuit": "巡回法庭"}
GRADES = {"general": "一般", "complex": "复杂", "difficult": "疑难", "major": "重大"}
