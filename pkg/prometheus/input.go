package prometheus

import (
	"errors"
	"io"
	"math"
)

// maxToken bounds, roughly, what the decoder may read for one element (a
// point, the labels of a series, a warning), in bytes: it holds an element in
// memory, whereas what is skipped may be of any size.
const maxToken = 1 << 20

// maxHead is how much of an answer's beginning is kept for an error, in bytes.
const maxHead = 512

var (
	errTooManyBytes = errors.New("the answer is larger than the limit")
	errHugeToken    = errors.New("a single label, message or number of the answer is longer than 1 MiB")
)

// input is the body of an answer as the decoder reads it: counted, bounded,
// and with its end remembered, since a decoder's own error does not tell half
// an answer from a wrong one.
type input struct {
	from        io.Reader
	left        int64 // bytes that may still come
	contentType string

	read   int64
	token  int64 // bytes that may still come for the present element
	head   []byte
	ended  bool  // the end was reached
	failed error // why reading failed
}

// element begins a new element of the answer.
func (in *input) element() { in.token = maxToken }

// anything lifts the bound until the next element, for what is skipped.
func (in *input) anything() { in.token = math.MaxInt64 }

// Read never returns 0 bytes without an error, nor bytes with one.
func (in *input) Read(p []byte) (int, error) {
	switch {
	case in.failed != nil:
		return 0, in.failed
	case in.ended:
		return 0, io.EOF
	case in.token <= 0:
		return 0, errHugeToken
	}
	n, err := in.fill(p)
	in.count(p[:n])
	if err == io.EOF {
		in.ended = true
	} else if err != nil {
		in.failed = err
	}
	if in.left < 0 {
		return 0, errTooManyBytes
	}
	if n > 0 {
		return n, nil
	}
	return 0, err
}

func (in *input) fill(p []byte) (int, error) {
	const tries = 100 // as in bufio: a reader may return nothing for a while
	for range tries {
		if n, err := in.from.Read(p); n > 0 || err != nil {
			return n, err
		}
	}
	return 0, io.ErrNoProgress
}

func (in *input) count(p []byte) {
	if room := maxHead - len(in.head); room > 0 {
		in.head = append(in.head, p[:min(room, len(p))]...)
	}
	n := int64(len(p))
	in.read += n
	in.left -= n
	in.token -= n
}
