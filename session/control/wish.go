package control

import (
	"errors"
	"fmt"
	"strings"

	"handrail/session"
	"handrail/session/operator"
)

// Label is what the operator wrote down about a session.
type Label struct {
	Customer string `json:"customer,omitempty"`
	Topic    string `json:"topic,omitempty"`
	Notes    string `json:"notes,omitempty"`
}

func describeLabel(l operator.Label) *Label {
	if l == (operator.Label{}) {
		return nil
	}
	return &Label{l.Customer, l.Topic, l.Notes}
}

var errAsked = errors.New("the customer has been asked already; what is asked for can be set while a session waits")

// setWish sets what the operator wants of a session.
func setWish(s *operator.Session, name, value string) error {
	label := s.Label()
	switch name {
	case "ask":
		if state, _ := s.State(); state != session.Waiting {
			return errAsked
		}
		p, err := permissions(value)
		if err != nil {
			return err
		}
		s.Ask(p)
		return nil
	case "plain":
		plain, ok := map[string]bool{"on": true, "off": false}[value]
		if !ok {
			return fmt.Errorf("plain is on or off, not %q", value)
		}
		return s.SetPlain(plain)
	case "customer":
		label.Customer = value
	case "topic":
		label.Topic = value
	case "notes":
		label.Notes = value
	default:
		return fmt.Errorf("there is no setting %q; there are: quality, plain, resolution, ask, customer, topic, notes", name)
	}
	s.SetLabel(label)
	return nil
}

// permissions reads a list such as view,control.
func permissions(list string) (session.Permissions, error) {
	all := session.Permissions{}
	for _, name := range strings.Split(list, ",") {
		p := session.Permission(strings.TrimSpace(name))
		if !p.Valid() {
			return all, fmt.Errorf("there is no permission %q; there are: %s", p, permissionNames())
		}
		all = all.With(p)
	}
	return all, nil
}

func permissionNames() string {
	all := session.Permissions{}
	for _, p := range session.AllPermissions {
		all = all.With(p)
	}
	return all.String()
}
