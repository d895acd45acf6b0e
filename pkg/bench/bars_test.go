//go:build bench

package bench

import (
	"fmt"
	"strconv"
	"strings"
)

// bars are the numbers to reach, printed tab-separated: name, value, bar, and
// whether it was reached.
type bars struct{ lines []line }

type line struct {
	name  string
	value float64
	bar   bar
}

type bar struct {
	text    string
	reached func(value float64) bool
}

func atLeast(n float64) bar {
	return bar{">= " + short(n), func(value float64) bool { return value >= n }}
}

func atMost(n float64) bar {
	return bar{"<= " + short(n), func(value float64) bool { return value <= n }}
}

func (b *bars) add(name string, value float64, goal bar) {
	b.lines = append(b.lines, line{name, value, goal})
	fmt.Println(b.lines[len(b.lines)-1])
}

// withoutBars takes the bars off the lines whose name has the prefix: they
// stand beside for comparison.
func (b *bars) withoutBars(prefix string) {
	for i := range b.lines {
		if strings.HasPrefix(b.lines[i].name, prefix) {
			b.lines[i].bar = bar{}
		}
	}
}

func (l line) String() string {
	goal, verdict := "", ""
	if l.bar.reached != nil {
		goal, verdict = l.bar.text, "short"
		if l.bar.reached(l.value) {
			verdict = "ok"
		}
	}
	return strings.Join([]string{l.name, short(l.value), goal, verdict}, "\t")
}

// String has the lines without a bar first.
func (b *bars) String() string {
	var beside, held strings.Builder
	for _, l := range b.lines {
		if l.bar.reached == nil {
			fmt.Fprintln(&beside, l)
		} else {
			fmt.Fprintln(&held, l)
		}
	}
	return beside.String() + held.String()
}

func short(n float64) string { return strconv.FormatFloat(n, 'g', 4, 64) }
