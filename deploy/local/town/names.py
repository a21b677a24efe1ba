"""Names for people who do not exist: plain given names, surnames made of sea and weather."""

import random
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Names:
    """What families of one language are called here."""

    children: tuple[str, ...]
    mothers: tuple[str, ...]
    fathers: tuple[str, ...]
    surnames: tuple[str, ...]


NAMES: Mapping[str, Names] = {
    "en": Names(
        children=(
            *("Ada", "Ben", "Cleo", "Dora", "Eli", "Finn", "Gwen", "Hugo", "Iris", "Jude"),
            *("Kit", "Lena", "Milo", "Nell", "Otis", "Pia", "Quinn", "Rosa", "Sam", "Tess"),
        ),
        mothers=("Alma", "Beth", "Carol", "Dana", "Ella", "Fay", "Grace", "Hazel", "Joan", "Kate"),
        fathers=("Adam", "Boyd", "Carl", "Dean", "Earl", "Frank", "Glen", "Hal", "Ivan", "Jack"),
        surnames=(
            *("Anchorby", "Barnaclewood", "Driftwell", "Fogbanks", "Gullsworth", "Kelpstone"),
            *("Lanternby", "Marshlight", "Pebbleton", "Quaywick", "Sandridge", "Tidewell"),
        ),
    ),
    "es": Names(
        children=("Abril", "Bruno", "Camila", "Diego", "Elena", "Fabio", "Inés", "Lola", "Mateo"),
        mothers=("Alicia", "Belén", "Carmen", "Delia", "Estela", "Flor", "Gloria", "Irene"),
        fathers=("Andrés", "Benito", "César", "Darío", "Emilio", "Félix", "Gael", "Hernán"),
        surnames=(
            *("Brisaclara", "Delfaro", "Marazul", "Olasuave", "Playalta", "Puertolindo"),
            *("Solmarino", "Vientosur"),
        ),
    ),
    "pt": Names(
        children=("Alice", "Bento", "Clara", "Davi", "Eva", "Gil", "Helena", "Ivo", "Joana"),
        mothers=("Amália", "Beatriz", "Célia", "Dulce", "Eunice", "Fátima", "Graça", "Lúcia"),
        fathers=("Abel", "Baltasar", "Caio", "Duarte", "Edgar", "Filipe", "Gaspar", "Heitor"),
        surnames=("Areiafina", "Barcobranco", "Farolindo", "Maresia", "Ondamansa", "Portonovo"),
    ),
    "ht": Names(
        children=("Adlin", "Betina", "Dadou", "Fabiola", "Jwèl", "Lovely", "Nadège", "Woodly"),
        mothers=("Anayiz", "Bernadèt", "Darline", "Elsi", "Fabyola", "Ginèt", "Islande", "Mimoz"),
        fathers=("Alsid", "Bòs", "Dyedone", "Emanyèl", "Fritz", "Jozafa", "Lwidji", "Wilnò"),
        surnames=("Belvag", "Bonvan", "Fanaldoux", "Lanmèble", "Rivaj", "Solèyklè"),
    ),
    "kea": Names(
        children=("Ailton", "Bela", "Dany", "Elisa", "Ivanildo", "Kelly", "Nhela", "Zidane"),
        mothers=("Ana Nha", "Bia", "Dulcineia", "Edna", "Maria Nita", "Nilda", "Tchuda"),
        fathers=("Adilson", "Beto", "Djoy", "Ermelindo", "Nelito", "Titoti", "Zeca"),
        surnames=("Mardoce", "Ondaverde", "Pedralume", "Ventumansu"),
    ),
    "ar": Names(
        children=("Amal", "Bashir", "Dalia", "Farid", "Hanan", "Jamil", "Lina", "Nabil"),
        mothers=("Amina", "Badia", "Fadwa", "Hiba", "Iman", "Khadija", "Latifa", "Mariam"),
        fathers=("Adnan", "Basim", "Fuad", "Ghassan", "Hamdi", "Imad", "Jalal", "Khalil"),
        surnames=("Bahrnoor", "Fanarzahi", "Mawjhadi", "Nasimbahr", "Shatisafi"),
    ),
}

AREA_CODES = (617, 508, 339, 351, 413, 774, 781, 857, 978)
FIRST_LINE_OF_FAMILIES = 20


def phone_numbers() -> Iterator[str]:
    """Different phone numbers in the range kept for fiction (555-0100 to 555-0199), E.164.

    The first ones of the first area code are left to the schools and the district.
    """
    for area in AREA_CODES:
        first = FIRST_LINE_OF_FAMILIES if area == AREA_CODES[0] else 0
        for line in range(first, 100):
            yield f"+1{area}55501{line:02}"


def address(*words: str, at: str) -> str:
    """An e-mail address out of names, in plain letters; `at` is a reserved domain."""
    plain = unicodedata.normalize("NFKD", ".".join(words)).encode("ascii", "ignore").decode()
    kept = "".join(each if each.isalnum() or each == "." else "-" for each in plain.lower())
    return f"{kept.strip('-.')}@{at}"


def pick(of: tuple[str, ...], rng: random.Random) -> str:
    """One of several names."""
    return of[rng.randrange(len(of))]
