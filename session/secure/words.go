package secure

import "strings"

// words are those of Channel.Verifier, one for each value of a byte. They are short, common, say one thing,
// and are far enough apart to be told on a bad phone line, also by people whose first language is another: no
// two begin with the same four letters or are one letter from each other, and none sounds like another word.
// Their order is part of the protocol.
var words = strings.Fields(`
acorn album almond anchor animal apple apricot apron artist atlas autumn avocado badge balcony
balloon bamboo banana barrel basket bathtub battery bedroom bicycle birthday biscuit blossom bottle
bracelet branch breakfast bridge bubble buffalo button cabbage cabin cactus camel campfire candle
captain caravan carpet cartoon castle cherry chicken chimney chocolate cinema circle clock coconut
coffee compass cookie copper crayon crystal cucumber cupcake daisy dancer diamond doctor dolphin
donkey dragon drum duck eagle echo elbow elephant engine factory falcon family farmer feather
festival fiddle finger flamingo forest fountain friend frog fruit galaxy garage garden garlic
giraffe glacier glove goat grass guitar hamburger hamster harvest hazelnut helmet hobby holiday
hotel iceberg igloo island jacket jaguar jelly jigsaw juice jungle kangaroo keyboard kitchen koala
ladder lantern lemon leopard letter library lily lizard lobster lunch machine magnet mango marble
meadow milk mirror muffin museum mushroom music napkin necklace nest newspaper ocean octopus office
olive onion opera orange ostrich package paint palace pancake panda paper parrot peanut pelican
pencil penguin piano picnic picture pigeon pillow pineapple pizza planet plastic pocket pony popcorn
postcard potato pudding puppet puzzle pyramid rabbit raccoon radio railway rainbow raspberry ribbon
river robot rubber salad sandwich sausage saxophone scarf school shampoo shark shoulder silver
snowman soap soccer spider spinach sponge spoon spring squirrel stadium statue student sugar
suitcase summer sunflower swan sweater taxi tennis thunder tiger toast tooth tractor train treasure
triangle trophy trumpet tulip tunnel turkey turtle umbrella unicorn valley vanilla village vinegar
violin volcano waffle wagon walnut water weekend whistle window winter wolf yellow yogurt zebra
`)
