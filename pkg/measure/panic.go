package measure

import (
	"context"
	"fmt"
	"runtime/debug"
)

// PanicError is a fault of Accord itself in the measuring of one objective. It
// fails that objective; the process and the other objectives go on.
type PanicError struct {
	Value any
	Stack []byte
}

// Error is what went wrong, without the stack.
func (p *PanicError) Error() string {
	return fmt.Sprintf("a fault in Accord itself, please report it with the log: %v", p.Value)
}

// recovered, deferred, makes a panic the error of the function that defers it.
func recovered(err *error) {
	if value := recover(); value != nil {
		*err = &PanicError{Value: value, Stack: debug.Stack()}
	}
}

func guarded(ctx context.Context, work func(context.Context) (counted, error)) (result counted, err error) {
	defer recovered(&err)
	return work(ctx)
}
