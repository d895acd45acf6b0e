package main

import (
	"errors"
	"sync"
)

// part is a part of the host that can go and come back, at its address.
type part[T any] struct {
	begin func() (running T, end func() error, err error)

	mutex   sync.Mutex
	running T
	end     func() error // nil while it is gone
}

var errGone = errors.New("the plugin is not available")

func (p *part[T]) start() error {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	if p.end != nil {
		return nil
	}
	running, end, err := p.begin()
	if err == nil {
		p.running, p.end = running, end
	}
	return err
}

func (p *part[T]) stop() (err error) {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	if p.end != nil {
		err = p.end()
		p.end = nil
	}
	return err
}

func (p *part[T]) present() (T, error) {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	if p.end == nil {
		return p.running, errGone
	}
	return p.running, nil
}
