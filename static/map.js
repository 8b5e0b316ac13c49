// The one map of the site. Every <div data-map> becomes a Leaflet map that reads its data-* attributes:
//   data-areas-url, data-level      outlines of areas as GeoJSON, asked for the view (bbox, zoom, level)
//   data-cases-url                  cases as GeoJSON points, clustered
//   data-features                   id of a json_script with a FeatureCollection drawn once (gaps, one point, a preview)
//   data-bounds, data-lat, data-lng, data-zoom   where to look first
//   data-lat-input, data-lng-input  ids of inputs: a tap sets them, "use my position" too
//   data-accuracy-input             id of an input: how exact "use my position" is, in metres; empty for a tap
//   data-line-input                 id of a textarea that collects tapped positions, one a line
//   data-tiles                      list of {url, attribution}; without tiles the ground is plain
// All words come from data-text-*; colours come from map.css by class.
(function () {
  "use strict";
  var WAIT = 250;
  var TILE_OPTIONS = { maxZoom: 19, maxNativeZoom: 18, subdomains: "01234567" };

  function start(box) {
    var data = box.dataset;
    var map = L.map(box, { zoomControl: false, attributionControl: Boolean(data.tiles), minZoom: 4, maxZoom: 19, zoomSnap: 0.25 });
    L.control.zoom({ zoomInTitle: data.textZoomIn, zoomOutTitle: data.textZoomOut }).addTo(map);
    L.control.scale({ imperial: false }).addTo(map);
    box.setAttribute("role", "region");
    look(map, data);
    addTiles(map, box, data);
    var fixed = addFixed(map, data);
    if (data.areasUrl) { addAreas(map, box, data); }
    if (data.casesUrl) { addCases(map, box, data); }
    if (data.latInput) { addPicker(map, box, data); }
    if (data.lineInput) { addLine(map, data); }
    if (fixed && !data.bounds && !data.lat) { map.fitBounds(fixed.getBounds().pad(0.2), { maxZoom: 18 }); }
    new ResizeObserver(function () { map.invalidateSize(); }).observe(box);
  }

  function look(map, data) {
    if (data.lat && data.lng) {
      map.setView([Number(data.lat), Number(data.lng)], Number(data.zoom || 17));
    } else if (data.bounds) {
      var b = data.bounds.split(",").map(Number);
      // A line begins and ends outside of what it cuts: leave room for a thumb.
      map.fitBounds([[b[1], b[0]], [b[3], b[2]]], { padding: data.lineInput ? [44, 44] : [0, 0] });
    } else {
      map.setView([Number(data.homeLat), Number(data.homeLng)], 15);
    }
  }

  // One line under the map; each source has its own sentence in it and takes back only that.
  var sentences = new WeakMap();
  function note(box, source, text) {
    var said = sentences.get(box) || {}, line = document.getElementById(box.id + "-note");
    said[source] = text || "";
    sentences.set(box, said);
    var all = Object.values(said).filter(Boolean).join(" ");
    if (line) { line.textContent = all; line.hidden = !all; }
  }

  function addTiles(map, box, data) {
    if (!data.tiles) { return; }
    map.attributionControl.setPrefix(false);
    var told = false;
    JSON.parse(data.tiles).forEach(function (tile) {
      L.tileLayer(tile.url, Object.assign({ attribution: tile.attribution }, TILE_OPTIONS))
        .on("tileerror", function () {
          if (!told) { told = true; note(box, "tiles", data.textTilesFailed); }
        })
        .addTo(map);
    });
  }

  // Text only: nothing from the data is read as markup. Leaflet reads a string as HTML, so it is given nodes.
  function make(tag, text, className) {
    var node = document.createElement(tag);
    if (text) { node.textContent = text; }
    if (className) { node.className = className; }
    return node;
  }

  function panel(facts, openText) {
    var node = make("div", "", "wg-map-panel");
    node.appendChild(make("strong", facts.number ? facts.number + " " + facts.title : facts.name));
    (facts.lines || []).concat(facts.status || []).forEach(function (line) { node.appendChild(make("div", line)); });
    if (facts.url) {
      var link = make("a", openText);
      link.href = facts.url;
      node.appendChild(link);
    }
    return node;
  }

  function shape(feature) {
    var facts = feature.properties;
    return { className: "wg-shape wg-shape-" + (facts.kind || "area") + " wg-shape-" + (facts.light || "none"), weight: 2 };
  }

  function pin(light, label, supervised) {
    var className = "wg-pin wg-pin-" + (light || "none") + (supervised ? " wg-pin-supervised" : "");
    var icon = L.divIcon({ className: className, iconSize: [22, 22] });
    return { icon: icon, title: label, alt: label, riseOnHover: true };
  }

  // A colour alone says nothing to some: the words are in the pin's title as well.
  function words(facts) { return [facts.title || facts.name, facts.status].filter(Boolean).join(" · "); }

  function draw(collection, data, plain) {
    return L.geoJSON(collection, {
      style: shape,
      interactive: !plain,
      bubblingMouseEvents: true,
      pointToLayer: function (feature, position) {
        var facts = feature.properties;
        return L.marker(position, pin(facts.light || facts.kind, words(facts), facts.supervised));
      },
      onEachFeature: function (feature, layer) {
        if (!plain) { layer.bindPopup(panel(feature.properties, data.textOpen)); }
        if (feature.properties.label) {
          layer.bindTooltip(make("span", feature.properties.label), { permanent: true, direction: "bottom", offset: [0, 18], className: "wg-map-label" });
        }
      }
    });
  }

  function addFixed(map, data) {
    var source = data.features && document.getElementById(data.features);
    if (!source) { return null; }
    // Where taps set a point or a line, a panel must not swallow them.
    var layer = draw(JSON.parse(source.textContent), data, Boolean(data.latInput || data.lineInput));
    if (!layer.getLayers().length) { return null; }
    layer.addTo(map);
    return layer;
  }

  // Asks again when the view or the level changes; an answer that comes too late is dropped.
  function follow(map, box, data, url, extra, show) {
    var timer = 0, running = null;
    function ask() {
      if (running) { running.abort(); }
      running = new AbortController();
      var b = map.getBounds();
      var address = new URL(url, window.location.href);
      address.searchParams.set("bbox", [b.getWest(), b.getSouth(), b.getEast(), b.getNorth()].map(function (n) { return n.toFixed(6); }).join(","));
      address.searchParams.set("zoom", String(Math.round(map.getZoom())));
      Object.entries(extra()).forEach(function (pair) { address.searchParams.set(pair[0], pair[1]); });
      fetch(address, { signal: running.signal, headers: { Accept: "application/geo+json" } })
        .then(function (answer) {
          if (!answer.ok) { throw new Error(String(answer.status)); }
          return answer.json();
        })
        .then(function (collection) { note(box, url, collection.notice); show(collection); })
        .catch(function (error) {
          if (error.name !== "AbortError") { note(box, url, data.textFailed); }
        });
    }
    function soon() { window.clearTimeout(timer); timer = window.setTimeout(ask, WAIT); }
    map.on("moveend", soon);
    ask();
    return ask;
  }

  function addAreas(map, box, data) {
    var level = data.level || "";
    var shown = L.layerGroup().addTo(map);
    var plain = Boolean(data.latInput || data.lineInput);
    var ask = follow(map, box, data, data.areasUrl, function () { return level ? { level: level } : {}; }, function (collection) {
      // An open panel stays: the layers are exchanged only when nothing is being read.
      if (map.hasLayer(shown) && box.querySelector(".leaflet-popup .wg-map-panel") && collection.level === shown.level) { return; }
      shown.clearLayers();
      shown.level = collection.level;
      shown.addLayer(draw(collection, data, plain));
      shown.eachLayer(function (layer) { if (layer.bringToBack) { layer.bringToBack(); } });
      press(collection.level);
    });
    var buttons = document.querySelectorAll('[data-map-level][data-map-for="' + box.id + '"]');
    function press(now) {
      buttons.forEach(function (button) { button.setAttribute("aria-pressed", String(button.dataset.mapLevel === now)); });
    }
    buttons.forEach(function (button) {
      button.addEventListener("click", function () { level = button.dataset.mapLevel; map.closePopup(); ask(); });
    });
    unhide(box, "levels");
  }

  function addCases(map, box, data) {
    var cluster = L.markerClusterGroup({
      showCoverageOnHover: false, maxClusterRadius: 50, chunkedLoading: true,
      iconCreateFunction: function (group) {
        return L.divIcon({ html: make("span", String(group.getChildCount())), className: "wg-cluster", iconSize: [38, 38] });
      }
    }).addTo(map);
    follow(map, box, data, data.casesUrl, function () { return {}; }, function (collection) {
      if (box.querySelector(".leaflet-popup .wg-map-panel")) { return; }
      cluster.clearLayers();
      cluster.addLayers(draw(collection, data, false).getLayers());
    });
  }

  function addPicker(map, box, data) {
    var lat = document.getElementById(data.latInput), lng = document.getElementById(data.lngInput);
    var exact = data.accuracyInput ? document.getElementById(data.accuracyInput) : null;
    var marker = null;
    function place(position) {
      if (!marker) { marker = L.marker(position, pin("picked", data.textPicked)).addTo(map); }
      marker.setLatLng(position);
    }
    function set(position, accuracy) {
      place(position);
      if (exact) { exact.value = accuracy ? String(Math.ceil(accuracy)) : ""; }
      lat.value = position.lat.toFixed(6);
      lng.value = position.lng.toFixed(6);
      [lat, lng].forEach(function (input) { input.dispatchEvent(new Event("change", { bubbles: true })); });
    }
    function read() {
      if (lat.value && lng.value && isFinite(lat.value) && isFinite(lng.value)) {
        place(L.latLng(Number(lat.value), Number(lng.value)));
      }
    }
    read();
    if (marker) { map.setView(marker.getLatLng(), 17); }
    lat.addEventListener("input", read);
    lng.addEventListener("input", read);
    map.on("click", function (event) { set(event.latlng.wrap()); });
    var here = document.querySelector('[data-map-here="' + box.id + '"]');
    if (here && navigator.geolocation) {
      unhide(box, "here");
      here.addEventListener("click", function () {
        note(box, "position", data.textLocating);
        navigator.geolocation.getCurrentPosition(function (found) {
          var position = L.latLng(found.coords.latitude, found.coords.longitude);
          note(box, "position", "");
          set(position, found.coords.accuracy);
          map.setView(position, 18);
        }, function () { note(box, "position", data.textNoPosition); }, { enableHighAccuracy: true, timeout: 15000 });
      });
    }
  }

  // A line by taps, for cutting an area in two: one "longitude,latitude" a line in the textarea.
  function addLine(map, data) {
    var field = document.getElementById(data.lineInput);
    var line = L.polyline([], { className: "wg-shape wg-shape-cut", weight: 3 }).addTo(map);
    function read() {
      var points = field.value.split(/\s+/).map(function (pair) { return pair.split(",").map(Number); });
      line.setLatLngs(points.filter(function (p) { return p.length === 2 && p.every(isFinite); }).map(function (p) { return [p[1], p[0]]; }));
    }
    read();
    field.addEventListener("input", read);
    map.on("click", function (event) {
      var at = event.latlng.wrap();
      field.value = (field.value.trim() + "\n" + at.lng.toFixed(6) + "," + at.lat.toFixed(6)).trim();
      read();
    });
  }

  function unhide(box, part) {
    var node = document.getElementById(box.id + "-" + part);
    if (node) { node.hidden = false; }
  }

  document.addEventListener("DOMContentLoaded", function () {
    document.querySelectorAll("[data-map]").forEach(start);
  });
})();
