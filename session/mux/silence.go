package mux

// Silence lets only the control stream send from now on. What waits on the others is dropped; what is half sent
// stays so.
func (c *Conn) Silence() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.silent = true
	for stream := range c.out {
		if Stream(stream) != Control {
			c.out[stream].drop()
		}
	}
	c.room.Broadcast()
}
