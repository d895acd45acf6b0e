package cli

import (
	"fmt"
	"io"
	"os"
	"sync"

	"golang.org/x/term"
)

// isTerminal reports whether colours and progress make sense.
func isTerminal(w io.Writer) bool {
	file, ok := w.(*os.File)
	return ok && term.IsTerminal(int(file.Fd()))
}

// narrowest is the width below which a terminal is taken for wider than it
// says: it folds the lines itself.
const narrowest = 60

// terminalWidth is 0 where there is no terminal.
func terminalWidth(w io.Writer) int {
	if file, ok := w.(*os.File); ok {
		if width, _, err := term.GetSize(int(file.Fd())); err == nil {
			return max(width, narrowest)
		}
	}
	return 0
}

// progress shows how far long work has come: on a terminal a line that is
// written over and goes when the work is done, elsewhere nothing.
type progress struct {
	out io.Writer
	// text says how far.
	text func(done, total int) string

	mu    sync.Mutex
	shown bool
}

func newProgress(streams Streams, text func(done, total int) string) *progress {
	return &progress{out: streams.Err, text: text}
}

// measuring is the progress of work on objectives.
func measuring(streams Streams) *progress {
	return newProgress(streams, func(done, total int) string {
		return fmt.Sprintf("measuring %d of %d objectives …", min(done+1, total), total)
	})
}

const eraseLine = "\r\x1b[K"

func (p *progress) show(done, total int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if total > 0 && isTerminal(p.out) {
		fmt.Fprint(p.out, eraseLine+p.text(done, total))
		p.shown = true
	}
}

func (p *progress) end() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.shown {
		fmt.Fprint(p.out, eraseLine)
	}
	p.shown = false
}
