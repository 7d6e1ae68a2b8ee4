package transfer

import (
	"context"
	"path/filepath"
	"slices"
	"strings"
)

// openPlace opens the place that a path begins with, and gives the rest of the path.
func openPlace(places []Place, p string) (*tree, string, Place, error) {
	parts, err := splitPath(p)
	if err != nil {
		return nil, "", Place{}, NotFound
	}
	i := slices.IndexFunc(places, func(place Place) bool { return place.Name == parts[0] })
	if i < 0 {
		return nil, "", Place{}, NotFound
	}
	t, err := openTree(places[i].Path)
	return t, strings.Join(parts[1:], "/"), places[i], err
}

// FullPath is where a path below a place is on this computer.
func FullPath(places []Place, p string) (string, error) {
	t, rest, place, err := openPlace(places, p)
	if err != nil {
		return "", problemOf(err, Unreadable)
	}
	t.close()
	return filepath.Join(place.Path, filepath.FromSlash(rest)), nil
}

// ListPlaces lists a folder of this computer below a place, "" for the places themselves: folders first, hidden ones
// last, by name. cut tells that there is more.
func ListPlaces(places []Place, p string) (items []Item, cut bool, err error) {
	return listPlaces(context.Background(), places, p)
}

func listPlaces(ctx context.Context, places []Place, p string) (items []Item, cut bool, err error) {
	if p == "" {
		for _, place := range places {
			items = append(items, Item{Name: place.Name, Folder: true})
		}
		return items, false, nil
	}
	t, rest, _, err := openPlace(places, p)
	if err != nil {
		return nil, false, err
	}
	defer t.close()
	infos, err := t.list(ctx, rest, maxItems)
	if problemOf(err, "") == TooMany {
		infos, cut, err = infos[:maxItems], true, nil
	}
	if err != nil {
		return nil, false, err
	}
	for _, info := range infos {
		items = append(items, describe(info))
	}
	slices.SortStableFunc(items, compareItems)
	return items, cut, nil
}

func compareItems(a, b Item) int {
	for _, differs := range [][2]bool{{hidden(a), hidden(b)}, {!a.Folder, !b.Folder}} {
		switch {
		case differs[0] && !differs[1]:
			return 1
		case differs[1] && !differs[0]:
			return -1
		}
	}
	return strings.Compare(fold(a.Name), fold(b.Name))
}

func hidden(i Item) bool { return strings.HasPrefix(i.Name, ".") }
