package input

import (
	"bytes"
	"fmt"
	"os"
	"time"

	"github.com/jezek/xgb/res"
	"github.com/jezek/xgb/xproto"
)

const (
	// afterAnswer is how long after a press a program that answered may still be busy with it.
	afterAnswer = 20 * time.Millisecond
	// afterIdle is the same for a program that was only seen to wait for work.
	afterIdle = 50 * time.Millisecond
	// afterNothing is the same for a program of which nothing is known.
	afterNothing = 300 * time.Millisecond
	// settleLimit is how long a program that is busy, or does not answer, is waited for, so that it does not take a
	// character for another one.
	settleLimit = 5 * time.Second
	// otherKeysLimit is the same where it would at worst miss a character.
	otherKeysLimit = time.Second
	// idleCheck is how long a program must have waited for work to count as idle.
	idleCheck = 5 * time.Millisecond
)

// settle waits until the program that has the keyboard has handled the keys pressed so far. There is no way to
// ask every program. Most answer pings (_NET_WM_PING), in turn with the keys. For the others, such as xterm, the
// X server tells the process, and a process that waits for work has nothing left of what it got; that it may not
// have got it yet is covered by a short delay. What is not done within limit is not waited for.
func (i *injector) settle(limit time.Duration, stop <-chan struct{}) error {
	began := time.Now().UnixNano()
	if err := i.sync(); err != nil {
		return err
	}
	window, err := i.focus()
	if err != nil {
		return err
	}
	delay, handled := afterNothing, true
	if window == i.root {
		delay = afterIdle // nobody gets keys, and the root window's process is the X server
	} else if target, ok := i.answersPings(window); ok {
		if handled, err = i.ping(target, limit, stop); err != nil {
			return err
		}
		delay = afterAnswer
	} else if pid := i.processOf(window); pid > 0 {
		if handled, err = i.awaitIdle(pid, limit, stop); err != nil {
			return err
		}
		delay = afterIdle
	}
	if err := i.pause(time.Until(time.Unix(0, i.struck.Load()).Add(delay)), stop); err != nil {
		return err
	}
	i.settled = began
	if handled || limit >= settleLimit {
		i.slots.settled = i.slots.clock
	}
	return nil
}

// focus is the window that gets the keys, as deep as is known.
func (i *injector) focus() (xproto.Window, error) {
	reply, err := xproto.GetInputFocus(i.conn).Reply()
	if err != nil {
		return 0, err
	}
	if reply.Focus > xproto.InputFocusPointerRoot && reply.Focus != i.root {
		return reply.Focus, nil
	}
	window := i.root
	for range 20 {
		under, err := xproto.QueryPointer(i.conn, window).Reply()
		if err != nil || under.Child == 0 {
			break
		}
		window = under.Child
	}
	return window, nil
}

// answersPings looks for the window with the keys, or one around it, that promises to answer pings.
func (i *injector) answersPings(window xproto.Window) (xproto.Window, bool) {
	for range 20 {
		if window == 0 || window == i.root {
			break
		}
		reply, err := xproto.GetProperty(i.conn, false, window, i.atoms.protocols, xproto.AtomAtom, 0, 64).Reply()
		if err != nil {
			break
		}
		for v := reply.Value; len(v) >= 4; v = v[4:] {
			if xproto.Atom(uint32(v[0])|uint32(v[1])<<8|uint32(v[2])<<16|uint32(v[3])<<24) == i.atoms.ping {
				return window, true
			}
		}
		tree, err := xproto.QueryTree(i.conn, window).Reply()
		if err != nil {
			break
		}
		window = tree.Parent
	}
	return 0, false
}

// ping asks a program to answer when it has come so far, and says whether it has. Programs send the answer to the root
// window.
func (i *injector) ping(window xproto.Window, limit time.Duration, stop <-chan struct{}) (bool, error) {
	listen := func(mask uint32) {
		xproto.ChangeWindowAttributes(i.conn, i.root, xproto.CwEventMask, []uint32{mask})
	}
	listen(xproto.EventMaskSubstructureNotify)
	defer listen(0)
	i.serial++
	i.message(window, window, i.atoms.protocols, uint32(i.atoms.ping), i.serial, uint32(window))
	return i.await(i.serial, limit, stop)
}

// processOf is the process that a window belongs to, 0 if it is not known or on another computer.
func (i *injector) processOf(window xproto.Window) int {
	if !i.resources {
		return 0
	}
	spec := res.ClientIdSpec{Client: uint32(window), Mask: res.ClientIdMaskLocalClientPID}
	reply, err := res.QueryClientIds(i.conn, 1, []res.ClientIdSpec{spec}).Reply()
	if err != nil {
		return 0
	}
	for _, id := range reply.Ids {
		if id.Spec.Mask&res.ClientIdMaskLocalClientPID != 0 && len(id.Value) > 0 {
			return int(id.Value[0])
		}
	}
	return 0
}

// awaitIdle waits until a process has waited for work for a while, and says whether it has. The X server is asked in between, so that
// nobody who waits for its answer is taken for idle.
func (i *injector) awaitIdle(pid int, limit time.Duration, stop <-chan struct{}) (bool, error) {
	end := time.Now().Add(limit)
	before, idle := activity(pid)
	for time.Now().Before(end) {
		if err := i.sync(); err != nil {
			return false, err
		}
		if err := i.pause(idleCheck, stop); err != nil {
			return false, err
		}
		if err := i.sync(); err != nil {
			return false, err
		}
		now, still := activity(pid)
		if idle && still && bytes.Equal(before, now) {
			return true, nil
		}
		before, idle = now, still
	}
	return false, nil
}

// activity is how often a process has been switched to, as the system writes it, and whether it waits for work.
func activity(pid int) (switches []byte, idle bool) {
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return nil, true // gone, or not ours to see
	}
	_, state, _ := bytes.Cut(status, []byte("\nState:"))
	_, switches, _ = bytes.Cut(status, []byte("\nvoluntary_ctxt_switches:"))
	return switches, bytes.HasPrefix(bytes.TrimSpace(state), []byte("S"))
}

func (i *injector) pause(d time.Duration, stop <-chan struct{}) error {
	if d <= 0 {
		return nil
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-stop:
		return ErrInterrupted
	case <-i.gone:
		return ErrClosed
	}
}
