package prometheus

import (
	"errors"
	"fmt"
	"hash/maphash"
	"math"
	"strconv"
	"time"
	"unsafe"

	"github.com/go-faster/jx"
)

// maxNames bounds the label names and values that the series of an answer share.
const maxNames = 4096

// countFurther is how many more bytes are read to count the series of an answer that has too many: the number
// helps to narrow the query.
const countFurther = 64 << 20

var identitySeed = maphash.MakeSeed()

// grid is the instants of a range query in Unix milliseconds, or marks an instant query; the zero grid holds
// any instant. Points off the grid are refused: a server that shifts them would put increases into other
// slots, and the JSON library reads a damaged number such as 17-3 as another number.
type grid struct {
	start, end, step int64
	instant          bool
}

func (g grid) holds(unixMilli int64) bool {
	return g.step == 0 || unixMilli >= g.start && unixMilli <= g.end && (unixMilli-g.start)%g.step == 0
}

// placed reports whether the answer may have a point at this instant: all its points must be on the grid, or
// all must be on one that begins later, since the server keeps, or looks, no further back.
func (d *decoder) placed(unixMilli int64) bool {
	switch g := d.grid; {
	case g.holds(unixMilli):
		d.onGrid = true
	case unixMilli <= g.start || unixMilli > g.end || d.cutPoints > 0 && (unixMilli-d.cutFirst)%g.step != 0:
		return false
	default:
		if d.cutPoints++; d.cutPoints == 1 || unixMilli < d.cutFirst {
			d.cutFirst = unixMilli
		}
	}
	return !d.onGrid || d.cutPoints == 0
}

func errOffGrid(unixMilli int64) error {
	return fmt.Errorf("it has a point at %s, which is none of the instants asked for", time.UnixMilli(unixMilli).UTC().Format(time.RFC3339Nano))
}

// errCut returns the error of a server that answers only from this instant on, in Unix milliseconds.
func errCut(from int64) error {
	at := time.UnixMilli(from)
	return &Error{Kind: Cut, From: at, Message: "nothing is answered before " + at.UTC().Format(time.RFC3339) + ": the server keeps, or looks, no further back"}
}

// hasType reports whether an answer to the query can have that resultType; empty means that it has none.
func (g grid) hasType(resultType string) bool {
	switch resultType {
	case "matrix":
		return !g.instant
	case "vector", "scalar":
		return g.step == 0
	}
	return resultType == ""
}

// errTooManySeries returns the error of an answer with that many series; more means that there are others.
func errTooManySeries(series, limit int, more bool) error {
	than := ""
	if more {
		than = "more than "
	}
	return &Error{Kind: TooManySeries, Message: fmt.Sprintf("the answer has %s%d series, the limit is %d", than, series, limit)}
}

var errNoPair = errors.New(`a point is not of the form [seconds, "value"]`)

// result reads an array of series, or one scalar: [seconds, "value"].
func (d *decoder) result() error {
	list, err := d.json.ArrIter()
	if err != nil {
		return err
	}
	for list.Next() {
		d.in.element()
		switch d.json.Next() {
		case jx.Object:
			if d.series++; d.series > d.maxSeries {
				return d.countSeries(&list)
			}
			if err := d.oneSeries(); err != nil {
				return err
			}
		case jx.Number:
			if d.series++; d.series > 1 || d.grid.step != 0 {
				return errors.New("its result is neither series nor a number")
			}
			return d.scalar(&list)
		default:
			return errors.New("its result is neither series nor a number")
		}
	}
	return list.Err()
}

func (d *decoder) scalar(pair *jx.ArrIter) error {
	s, err := d.pairAfter(pair)
	if err != nil {
		return err
	}
	if point := d.sink(map[string]string{}); point != nil {
		point(s.at, s.value)
	}
	return nil
}

// oneSeries reads {"metric": {…}, "values": […]}, or "value" with one point.
func (d *decoder) oneSeries() error {
	var (
		named, filled bool
		deliver       func(int64, float64)
		last          = int64(math.MinInt64)
	)
	d.early = d.early[:0]
	next := func() error {
		s, err := d.pair()
		if err == nil && s.at <= last {
			err = errors.New("a series has the same instant twice, or instants that go back")
		}
		last, filled = s.at, true
		switch {
		case err != nil:
			return err
		case !named:
			d.early = append(d.early, s)
		case deliver != nil:
			deliver(s.at, s.value)
		}
		return nil
	}
	err := d.object(func(key string) (err error) {
		switch key {
		case "metric":
			if named {
				return errors.New("a series has two sets of labels")
			}
			named = true
			if deliver, err = d.metric(); err != nil || deliver == nil {
				return err
			}
			for _, s := range d.early {
				deliver(s.at, s.value)
			}
			return nil
		case "values", "value":
			switch single := key == "value"; {
			case single && d.grid.step != 0 || !single && d.grid.instant:
				return errors.New("it has values of another kind of query than was asked")
			case single:
				return next()
			}
			return d.array(next)
		case "histograms", "histogram":
			filled = true
			return d.countHistograms(key == "histogram")
		default:
			return d.skip()
		}
	})
	switch {
	case err != nil:
		return err
	case !named:
		return errors.New("a series has no labels field")
	case !filled:
		return errors.New("a series has no values")
	}
	return nil
}

func (d *decoder) metric() (func(int64, float64), error) {
	labels := make(map[string]string, 4)
	var identity uint64 // hash of the labels, whatever their order
	fields, err := d.json.ObjIter()
	if err != nil {
		return nil, err
	}
	// One size limit for all labels of a series, since they are in memory together.
	for fields.Next() {
		name := d.shared(fields.Key())
		if d.scratch, err = d.json.StrAppend(d.scratch[:0]); err != nil {
			return nil, err
		}
		labels[name] = d.shared(d.scratch)
		identity += maphash.Comparable(identitySeed, [2]string{name, labels[name]})
	}
	if err := fields.Err(); err != nil {
		return nil, err
	}
	if _, twice := d.identities[identity]; twice {
		return nil, fmt.Errorf("the same series comes twice: %v", labels)
	}
	d.identities[identity] = struct{}{}
	return d.sink(labels), nil
}

// shared returns text as a string, the same one for equal texts.
func (d *decoder) shared(text []byte) string {
	if s, ok := d.names[string(text)]; ok {
		return s
	}
	s := string(text)
	if len(d.names) < maxNames {
		d.names[s] = s
	}
	return s
}

func (d *decoder) pair() (point, error) {
	pair, err := d.json.ArrIter()
	if err != nil {
		return point{}, err
	}
	if !pair.Next() {
		return point{}, errors.Join(errNoPair, pair.Err())
	}
	return d.pairAfter(&pair)
}

// pairAfter reads a pair whose opening bracket has been read.
func (d *decoder) pairAfter(pair *jx.ArrIter) (p point, err error) {
	seconds, err := d.json.Float64()
	if err != nil {
		return p, err
	}
	if !pair.Next() {
		return p, errors.Join(errNoPair, pair.Err())
	}
	if p.value, err = d.value(); err != nil {
		return p, err
	}
	if pair.Next() || pair.Err() != nil {
		return p, errors.Join(errNoPair, pair.Err())
	}
	milliseconds := math.Round(seconds * 1000)
	if math.Abs(milliseconds) >= math.MaxInt64 {
		return p, fmt.Errorf("the time of a point is out of range: %g s", seconds)
	}
	if p.at = int64(milliseconds); !d.placed(p.at) {
		return p, errOffGrid(p.at)
	}
	return p, nil
}

// value reads a number from a string, since JSON has no NaN and no infinities.
func (d *decoder) value() (float64, error) {
	var err error
	if d.scratch, err = d.json.StrAppend(d.scratch[:0]); err != nil {
		return 0, err
	}
	value, err := strconv.ParseFloat(unsafe.String(unsafe.SliceData(d.scratch), len(d.scratch)), 64)
	if err != nil {
		return 0, fmt.Errorf("the value of a point is no number: %s", quoted(string(d.scratch)))
	}
	return value, nil
}

func (d *decoder) countHistograms(single bool) error {
	count := func() error {
		d.histograms++
		return d.skip()
	}
	if single || d.json.Next() != jx.Array {
		return count()
	}
	return d.array(count)
}

// countSeries counts the remaining series without decoding them, up to a limit. Errors do not matter: it is
// already certain that there are too many.
func (d *decoder) countSeries(list *jx.ArrIter) error {
	enough := d.in.read + countFurther
	for {
		more := d.skip() != nil || d.in.read > enough
		if more || !list.Next() {
			return errTooManySeries(d.series, d.maxSeries, more || list.Err() != nil)
		}
		d.series++
	}
}
