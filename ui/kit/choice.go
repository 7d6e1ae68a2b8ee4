package kit

import "fyne.io/fyne/v2"

// Choice is a button that shows which of several things is chosen, and a menu of them.
type Choice struct {
	*Button
	names  []string
	chosen int
}

// NewChoice makes a choice; choose is called with the index of what was chosen.
func NewChoice(names []string, chosen int, choose func(int)) *Choice {
	c := &Choice{names: names, chosen: chosen}
	c.Button = NewButton(Secondary, names[chosen], "chevron-down", nil)
	c.After = true
	c.OnTap = func() {
		items := make([]Item, len(names))
		for i, name := range names {
			items[i] = Item{Label: name, Mark: i == c.chosen, Do: func() { choose(i) }}
		}
		ShowMenu(c.Button, items...)
	}
	return c
}

// Choose shows another one as chosen.
func (c *Choice) Choose(i int) {
	c.chosen = i
	c.SetLabel(c.names[i])
}

// Canvas gives the object to put into a window.
func (c *Choice) Canvas() fyne.CanvasObject { return c.Button }
