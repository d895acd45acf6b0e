package agreement

// Unit is what the counts of an objective count.
type Unit string

// The units.
const (
	Events  Unit = "events"
	Seconds Unit = "seconds"
	Slices  Unit = "slices"
)

// Unit is what the objective's total and bad count.
func (o *Objective) Unit() Unit {
	switch {
	case o.Budgeting != Occurrences:
		return Slices
	case o.SLI.Kind.TimeBased():
		return Seconds
	}
	return Events
}
