package text

import "handrail/session"

// Finding is what an examination saw, as a sentence or two for a person: what is, and where it is wrong, what to do.
func Finding(f session.Finding) string { return T("doctor."+f.Name, f.Pairs...) }

// Examined says how an examination has ended.
func Examined(well bool) string {
	if well {
		return T("doctor.well")
	}
	return T("doctor.unwell")
}

// NoRelay says that there is no relay to examine the way to.
func NoRelay() string { return T("doctor.norelay") }
