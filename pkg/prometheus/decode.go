package prometheus

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"net/http"

	"github.com/go-faster/jx"
)

// bufferSize is how many bytes are read at once.
const bufferSize = 32 << 10

// maxWarnings bounds the warnings that are taken from one answer.
const maxWarnings = 20

// decoder reads one answer: {"status", "data": {"resultType", "result", "stats"}, "errorType", "error",
// "warnings", "isPartial"}. The keys may come in any order; unknown ones are skipped. Series go to the sink
// as they are decoded, so an error may follow series that the sink already has.
type decoder struct {
	in        *input
	json      *jx.Decoder
	sink      Sink
	maxSeries int
	grid      grid
	answer    Answer

	status     string
	errorType  string
	errorText  string
	hasResult  bool
	resultType string

	onGrid     bool  // a point is on the grid
	cutPoints  int   // points off the grid, whole steps apart
	cutFirst   int64 // the earliest of those
	series     int
	histograms int64
	scratch    []byte
	early      []point // points that came before their labels
	names      map[string]string
	identities map[uint64]struct{} // of the series so far
}

// decode reads a whole answer into the sink. Its error is an [*Error] that does not name server and request,
// that of the input, or says what is wrong with the JSON.
func decode(in *input, sink Sink, maxSeries int, g grid) (Answer, error) {
	d := decoder{in: in, sink: sink, maxSeries: maxSeries, grid: g}
	err := d.all()
	d.answer.Bytes = in.read
	switch {
	case err != nil:
		return d.answer, err
	case d.status == "error":
		return d.answer, &Error{Kind: kindOfRefusal(http.StatusOK, d.errorType, d.errorText), Message: d.errorText}
	case d.status != "success":
		return d.answer, fmt.Errorf("its status is %q, not success or error", shorten(d.status, 40))
	case d.errorText != "" || d.errorType != "":
		return d.answer, fmt.Errorf("it says success and has an error: %s", shorten(d.errorText, maxMessage))
	case !d.hasResult:
		return d.answer, errors.New("it says success but has no result")
	case d.cutPoints == 1:
		return d.answer, errOffGrid(d.cutFirst)
	case d.cutPoints > 1:
		return d.answer, errCut(g.start + (d.cutFirst-g.start+g.step-1)/g.step*g.step)
	case !g.hasType(d.resultType):
		return d.answer, fmt.Errorf("its result is a %s, which was not asked for", shorten(d.resultType, 40))
	}
	if d.histograms > 0 {
		d.warn(fmt.Sprintf(
			"%d native histogram samples were left out, since they are no numbers: ask for histogram_count or histogram_fraction of them", d.histograms))
	}
	return d.answer, nil
}

func (d *decoder) all() error {
	d.in.element()
	d.json = jx.Decode(d.in, bufferSize)
	d.names, d.identities = make(map[string]string), make(map[uint64]struct{})
	if err := d.object(d.envelope); err != nil {
		return err
	}
	// Only space may follow; reading to the end also proves that the body is
	// complete (chunks, checksum).
	d.in.anything()
	switch _, err := d.json.Elem(); {
	case err == io.EOF:
		return nil
	case d.in.failed != nil:
		return d.in.failed
	default:
		return errors.New("something follows the end of its JSON")
	}
}

// object calls field for each key; field must read the value.
func (d *decoder) object(field func(key string) error) error {
	fields, err := d.json.ObjIter()
	if err != nil {
		return err
	}
	for fields.Next() {
		if err := field(string(fields.Key())); err != nil {
			return err
		}
		d.in.element()
	}
	return fields.Err()
}

// array calls element for each element; element must read it.
func (d *decoder) array(element func() error) error {
	list, err := d.json.ArrIter()
	if err != nil {
		return err
	}
	for list.Next() {
		d.in.element()
		if err := element(); err != nil {
			return err
		}
	}
	return list.Err()
}

func (d *decoder) envelope(key string) (err error) {
	switch key {
	case "status":
		d.status, err = d.text()
	case "errorType":
		d.errorType, err = d.text()
	case "error":
		d.errorText, err = d.text()
	case "data":
		return d.data()
	case "warnings":
		return d.warnings()
	case "isPartial":
		return d.partial()
	default:
		return d.skip()
	}
	return err
}

// data skips what is not an object: null beside an error, and the data of other endpoints.
func (d *decoder) data() error {
	if d.json.Next() != jx.Object {
		return d.skip()
	}
	return d.object(func(key string) error {
		switch key {
		case "resultType":
			var err error
			d.resultType, err = d.text()
			return err
		case "result":
			if d.hasResult {
				return errors.New("it has two results")
			}
			d.hasResult = true
			return d.result()
		case "stats":
			return d.stats()
		default:
			return d.skip()
		}
	})
}

func (d *decoder) partial() error {
	raw, err := d.json.Raw()
	if string(raw) == "true" {
		d.warn("the answer is partial: a part of the server's storage did not answer")
	}
	return err
}

// stats reads the number of samples read; each engine has further statistics of its own.
func (d *decoder) stats() error {
	d.in.anything()
	raw, err := d.json.Raw()
	var stats struct {
		Samples struct{ TotalQueryableSamples float64 }
	}
	if err == nil && json.Unmarshal(raw, &stats) == nil {
		d.answer.SamplesRead = int64(stats.Samples.TotalQueryableSamples)
	}
	return err
}

func (d *decoder) warnings() error {
	if d.json.Next() != jx.Array {
		return d.skip()
	}
	return d.array(func() error {
		text, err := d.text()
		if err == nil {
			d.warn(text)
		}
		return err
	})
}

// warn adds a warning, up to maxWarnings; one more says that there are others.
func (d *decoder) warn(text string) {
	switch n := len(d.answer.Warnings); {
	case n < maxWarnings:
		d.answer.Warnings = append(d.answer.Warnings, shorten(text, maxMessage))
	case n == maxWarnings:
		d.answer.Warnings = append(d.answer.Warnings, "… and more")
	}
}

// text reads a string; anything else is skipped and counts as empty.
func (d *decoder) text() (string, error) {
	if d.json.Next() != jx.String {
		return "", d.skip()
	}
	var err error
	d.scratch, err = d.json.StrAppend(d.scratch[:0])
	return string(d.scratch), err
}

func (d *decoder) skip() error {
	d.in.anything()
	defer d.in.element()
	return d.json.Skip()
}

// maxToken bounds, roughly, the bytes of one element (a point, the labels of a series, a warning), which is
// held in memory; a value that is skipped may have any size.
const maxToken = 1 << 20

// maxHead is how many bytes of an answer's beginning are stored for error messages.
const maxHead = 512

var errHugeToken = errors.New("a single label, message or number of the answer is longer than 1 MiB")

func errTooManyBytes(limit int64) error {
	return &Error{Kind: TooManySamples, Message: fmt.Sprintf("the answer is larger than %d bytes, the limit", limit)}
}

// input is the body of an answer. It counts and bounds the bytes, and remembers whether the end was reached:
// a decoder's error does not distinguish an incomplete answer from a wrong one.
type input struct {
	from        io.Reader
	left        int64 // bytes that may still come
	contentType string

	read   int64
	token  int64 // bytes that may still come for the current element
	head   []byte
	ended  bool  // the end was reached
	failed error // why reading failed
}

// element resets the bound for a new element of the answer.
func (in *input) element() { in.token = maxToken }

// anything lifts the bound until the next element, for values that are skipped.
func (in *input) anything() { in.token = math.MaxInt64 }

// Read returns either bytes or an error.
func (in *input) Read(p []byte) (int, error) {
	switch {
	case in.failed != nil:
		return 0, in.failed
	case in.ended:
		return 0, io.EOF
	case in.token <= 0:
		return 0, errHugeToken
	}
	n, err := io.ReadAtLeast(in.from, p, 1)
	in.head = append(in.head, p[:min(n, maxHead-len(in.head))]...)
	in.read += int64(n)
	in.left -= int64(n)
	in.token -= int64(n)
	if err == io.EOF {
		in.ended = true
	} else if err != nil {
		in.failed = err
	}
	if in.left < 0 {
		return 0, errTooManyBytes(in.read + in.left)
	}
	return n, err
}
