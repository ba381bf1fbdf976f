"""The marketplaces of the generated orders, with taxes, names and towns of their buyers."""

from decimal import Decimal

from spshipping.regions import Marketplace
from spshipping.sandbox.markets import MARKETS
from spshipping.sandbox.orders.record import Place, Town

_M = Marketplace

PLACES: tuple[Place, ...] = (
    Place(
        MARKETS[_M.UK],
        Decimal("0.20"),
        ("Ada Lovelace", "Charles Babbage", "Siân O'Hara", "Mary Somerville"),
        (
            Town("12 St James's Square", "London", "London", "SW1Y 4JH", county="Greater London"),
            Town("4 Canal Street", "Manchester", "England", "M1 3HE", county="Greater Manchester"),
            Town("7 Heol y Frenhines", "Caerdydd", "Wales", "CF10 2AF"),
        ),
        "+44 20 7946 0",
    ),
    Place(
        MARKETS[_M.DE],
        Decimal("0.19"),
        ("Jürgen Groß", "Emmy Noether", "Käthe Müller"),
        (
            Town("Lützowstraße 5a", "Köln", "Nordrhein-Westfalen", "50674"),
            Town("Schloßgasse 1", "Würzburg", "Bayern", "97070"),
        ),
        "+49 30 90 10",
    ),
    Place(
        MARKETS[_M.FR],
        Decimal("0.20"),
        ("Sophie Germain", "Joël Lefèvre", "Maëlle d'Aubigné"),
        (
            Town("3 bis, rue de l'Église", "Orléans", "Loiret", "45000"),
            Town("18 quai des Célestins", "Paris", "Île-de-France", "75004"),
        ),
        "+33 1 99 00 ",
        "Amazon Services Europe S.a.r.L.",
    ),
    Place(
        MARKETS[_M.IT],
        Decimal("0.22"),
        ("Laura Bassi", "Niccolò Tartaglia"),
        (
            Town("Via dell'Università 9", "Forlì", "FC", "47121"),
            Town("Corso Garibaldi 2", "Milano", "MI", "20121"),
        ),
        "+39 02 5550 ",
    ),
    Place(
        MARKETS[_M.ES],
        Decimal("0.21"),
        ("Begoña Ibáñez", "José Peña"),
        (Town("Calle del Pez, 11, 2.º B", "Madrid", "Madrid", "28004"),),
        "+34 910 555 ",
    ),
    Place(
        MARKETS[_M.US],
        Decimal("0.0825"),
        ("Grace Hopper", "Katherine Johnson", "Conchita O'Neill"),
        (
            Town("100 Main Street", "Seattle", "WA", "98101-1234"),
            Town("1 Cross St.", "Canton", "MI", "48187", county="Wayne"),
            Town("55 Calle Luna", "San Juan", "PR", "00901"),
        ),
        "+1 206-555-0",
        "Amazon Services, Inc.",
    ),
    Place(
        MARKETS[_M.BR],
        Decimal("0.17"),
        ("Maria Conceição", "João Araújo"),
        (
            Town("Rua das Flores", "São Paulo", "SP", "01234-567", district="Vila Madalena"),
            Town("Avenida Atlântica", "Rio de Janeiro", "RJ", "22070-000", district="Copacabana"),
        ),
        "+55 11 95550-",
    ),
    Place(
        MARKETS[_M.JP],
        Decimal("0.10"),
        ("山田 花子", "佐藤 一郎"),
        (
            Town("永田町1丁目7-1", "千代田区", "東京都", "100-0014"),
            Town("中之島1-3-20", "大阪市", "大阪府", "530-8201"),
        ),
        "+81 3-5550-",
    ),
    Place(
        MARKETS[_M.TR],
        Decimal("0.20"),
        ("Ayşe Yılmaz", "Çağlar Öztürk"),
        (
            Town("İstiklal Caddesi No:42", "İstanbul", "İstanbul", "34430", district="Beyoğlu"),
            Town("Atatürk Bulvarı 7", "Ankara", "Ankara", "06420", municipality="Çankaya"),
        ),
        "+90 212 555 ",
    ),
    Place(
        MARKETS[_M.IN],
        Decimal("0.18"),
        ("Shakuntala Devi", "प्रिया शर्मा"),
        (Town("14 MG Road", "Mumbai", "MAHARASHTRA", "400001", district="Fort"),),
        "+91 22 5550 ",
    ),
)
WEIGHTS = (30, 14, 9, 6, 6, 14, 6, 6, 5, 6)
"""The share of each place in a hundred orders."""
