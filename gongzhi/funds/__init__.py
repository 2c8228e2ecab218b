"""Money of owners and of the public: the maintenance fund, common revenue, service charges, public money."""
