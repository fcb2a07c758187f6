//! Words for `random_pet`.

use rand::Rng;
use rand::seq::IndexedRandom;

const ADVERBS: &str = "ably airily aptly boldly brightly briskly calmly cheerily cleanly clearly coolly daily deftly eagerly early easily evenly \
    fairly firmly fondly freely gently gladly grandly happily jointly keenly kindly lightly loudly merrily mildly neatly newly nicely nimbly openly \
    plainly proudly purely quickly quietly rarely readily richly safely shyly simply slowly smartly smoothly softly steadily surely swiftly tidily \
    truly warmly weekly wisely";
const ADJECTIVES: &str = "agile amber ancient autumn azure bold brave breezy bright bronze calm candid cheerful clear clever coastal copper coral cosmic \
    crimson crisp curious daring dappled deep distant dusty eager early emerald fair fearless fleet floral fluffy frosty gentle gilded glad golden \
    graceful green happy hardy hazel hidden honest humble icy indigo ivory jolly keen kind lively loyal lucid lucky lunar maple marble mellow merry \
    mighty misty mossy nimble noble northern olive opal patient pearl placid polite proud quick quiet rapid ready rosy rustic sandy serene sharp \
    silent silver sleek smooth snowy soft solar solid southern speckled spry steady stellar still striped sturdy sunny swift tame tidy tranquil \
    trusty upbeat velvet vivid warm wandering western wise witty young zesty";
const NAMES: &str = "albatross alpaca antelope badger bat beaver bison boar bobcat buffalo camel caribou cat cheetah cobra condor corgi cougar coyote \
    crab crane cricket crow deer dingo dolphin donkey dove duck eagle egret elephant elk emu falcon ferret finch firefly flamingo fox frog gazelle \
    gecko gibbon giraffe goat goose gopher grouse gull hamster hare hawk hedgehog heron hippo hornet horse ibex ibis iguana impala jackal jaguar jay \
    kestrel kite kiwi koala lark lemur leopard lion lizard llama lobster lynx macaw magpie manatee marmot marten meerkat mink mole mongoose moose moth \
    mule newt ocelot octopus orca osprey ostrich otter owl oyster panda panther parrot pelican penguin pheasant pigeon pika pony porpoise puffin puma \
    quail rabbit raccoon ram raven robin salmon seal shark sheep shrew skunk sloth snail sparrow spider squid squirrel starling stork swallow swan \
    tapir tern thrush tiger toad tortoise toucan trout tuna turtle viper vole vulture wallaby walrus weasel whale wolf wombat wren yak zebra";

/// A name of so many words: adverbs, an adjective, an animal.
pub(crate) fn name(words: usize, separator: &str, random: &mut impl Rng) -> String {
    let mut pick = |list: &'static str| {
        let list: Vec<&str> = list.split_ascii_whitespace().collect();
        list.choose(random).copied().unwrap_or_default()
    };
    let words: Vec<&str> = (0..words)
        .rev()
        .map(|left| match left {
            0 => pick(NAMES),
            1 => pick(ADJECTIVES),
            _ => pick(ADVERBS),
        })
        .collect();
    words.join(separator)
}
