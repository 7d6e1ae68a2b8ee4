package mux

import "fmt"

// fifo is a queue of messages. Those before first are gone.
type fifo struct {
	messages [][]byte
	first    int
	bytes    int // cost of all
}

func (q *fifo) empty() bool { return q.first == len(q.messages) }

func (q *fifo) push(message []byte) {
	q.messages = append(q.messages, message)
	q.bytes += cost(message)
}

// pop takes the oldest out; moved is by how much the others' indices have become smaller.
func (q *fifo) pop() (message []byte, moved int) {
	message = q.messages[q.first]
	q.messages[q.first] = nil
	q.first++
	if q.first > len(q.messages)/2 {
		n := copy(q.messages, q.messages[q.first:])
		clear(q.messages[n:])
		q.messages, moved, q.first = q.messages[:n], q.first, 0
	}
	q.bytes -= cost(message)
	return message, moved
}

func (q *fifo) clear() {
	for !q.empty() {
		message, _ := q.pop()
		Recycle(message)
	}
}

// sendQueue has what was sent and not acknowledged, then what was not sent.
type sendQueue struct {
	fifo
	next   int    // index of the first that has not been sent to its end
	offset int    // how much of that one has
	unsent int    // bytes that have not been sent
	acked  uint64 // how many were acknowledged: the number of the message before first
}

func (q *sendQueue) push(message []byte) {
	q.fifo.push(message)
	q.unsent += len(message)
}

// acknowledged forgets the messages up to this number.
func (q *sendQueue) acknowledged(number uint64) error {
	if number < q.acked || number > q.acked+uint64(q.next-q.first) {
		return fmt.Errorf("%w: acknowledges message %d of %d to %d", ErrProtocol, number, q.acked, q.acked+uint64(q.next-q.first))
	}
	for ; q.acked < number; q.acked++ {
		message, moved := q.pop()
		q.next -= moved
		Recycle(message)
	}
	return nil
}

// resume goes back to the message after this number, which has arrived.
func (q *sendQueue) resume(number uint64) error {
	if number < q.acked || number > q.acked+uint64(q.next-q.first) {
		return fmt.Errorf("%w: resumes at message %d of %d to %d", ErrProtocol, number, q.acked, q.acked+uint64(q.next-q.first))
	}
	q.next, q.offset, q.unsent = q.first+int(number-q.acked), 0, 0
	for _, message := range q.messages[q.next:] {
		q.unsent += len(message)
	}
	return nil
}

// drop forgets what has not been sent. What is half sent stays so, and nothing may follow it.
func (q *sendQueue) drop() {
	for i := q.next; i < len(q.messages); i++ {
		q.bytes -= cost(q.messages[i])
		Recycle(q.messages[i])
		q.messages[i] = nil
	}
	q.messages, q.offset, q.unsent = q.messages[:q.next], 0, 0
}

func (q *sendQueue) restart() {
	q.clear()
	*q = sendQueue{fifo: q.fifo}
}

// receiveQueue has what has arrived and was not yet taken.
type receiveQueue struct {
	fifo
	arrived uint64 // how many have arrived whole
	taken   uint64 // how many of these were taken
	told    uint64 // of which the peer knows
	unacked int    // cost of the taken ones of which it does not
}

func (q *receiveQueue) push(message []byte) {
	q.fifo.push(message)
	q.arrived++
}

func (q *receiveQueue) pop() []byte {
	message, _ := q.fifo.pop()
	q.taken++
	q.unacked += cost(message)
	return message
}

func (q *receiveQueue) restart() {
	q.clear()
	*q = receiveQueue{fifo: q.fifo}
}
