// The boundary editor of the administration: draws on a map what the textarea beside it holds as GeoJSON.
// Neighbours are shown for orientation, and a corner set near one of theirs takes its place exactly.
(function () {
  "use strict";
  var SNAP_PIXELS = 10;
  var DIGITS = 7;
  // Neighbours come unsimplified at this zoom: their corners must be the true ones.
  var FULL_ZOOM = 22;

  // Leaflet.draw asks under the old name, for which Leaflet writes a warning each time.
  L.Polyline._flat = L.LineUtil.isFlat;

  function merge(target, source) {
    Object.keys(source).forEach(function (key) {
      if (typeof source[key] === "object") { merge(target[key] = target[key] || {}, source[key]); } else { target[key] = source[key]; }
    });
  }

  function parts(geometry) {
    if (!geometry) { return []; }
    if (geometry.type === "MultiPolygon") { return geometry.coordinates; }
    if (geometry.type === "Polygon") { return [geometry.coordinates]; }
    return [];
  }

  function start(box) {
    var data = box.dataset, field = document.getElementById(data.field), corners = [];
    var isPoint = data.kind.toLowerCase() === "point";
    merge(L.drawLocal, JSON.parse(data.texts));
    var map = L.map(box, { zoomControl: false, attributionControl: Boolean(data.tiles), minZoom: 4, maxZoom: 20, zoomSnap: 0.25 });
    map.setView([Number(data.homeLat), Number(data.homeLng)], 15);
    L.control.zoom({ zoomInTitle: data.textZoomIn, zoomOutTitle: data.textZoomOut }).addTo(map);
    L.control.scale({ imperial: false }).addTo(map);
    (data.tiles ? JSON.parse(data.tiles) : []).forEach(function (tile) {
      L.tileLayer(tile.url, { attribution: tile.attribution, maxZoom: 20, maxNativeZoom: 18, subdomains: "01234567" }).addTo(map);
    });
    var around = L.featureGroup().addTo(map), drawn = L.featureGroup().addTo(map);

    function dot(position) {
      return L.marker(position, { icon: L.divIcon({ className: "wg-pin wg-pin-picked", iconSize: [22, 22] }) });
    }
    function own(rings) {
      var latlngs = rings.map(function (ring) { return ring.slice(0, -1).map(function (p) { return [p[1], p[0]]; }); });
      return L.polygon(latlngs, { className: "wg-shape wg-shape-mine", weight: 3 });
    }
    function load() {
      drawn.clearLayers();
      // Pasted text may be anything; what cannot be drawn stays text, and the server says what is wrong with it.
      try {
        var geometry = JSON.parse(field.value);
        if (isPoint && geometry.type === "Point") {
          drawn.addLayer(dot([geometry.coordinates[1], geometry.coordinates[0]]));
        }
        if (!isPoint) { parts(geometry).forEach(function (rings) { drawn.addLayer(own(rings)); }); }
      } catch (error) {
        drawn.clearLayers();
      }
    }
    function save() {
      var layers = drawn.getLayers();
      if (!layers.length) { field.value = ""; return; }
      field.value = JSON.stringify(isPoint
        ? layers[0].toGeoJSON(DIGITS).geometry
        : { type: "MultiPolygon", coordinates: layers.map(function (layer) { return layer.toGeoJSON(DIGITS).geometry.coordinates; }) });
    }
    function snapped(position) {
      var at = map.latLngToContainerPoint(position), best = null, least = SNAP_PIXELS;
      corners.forEach(function (corner) {
        var away = at.distanceTo(map.latLngToContainerPoint(corner));
        if (away < least) { least = away; best = corner; }
      });
      return best || position;
    }
    function snap(layer) {
      if (layer.getLatLngs) {
        layer.setLatLngs(layer.getLatLngs().map(function (ring) { return ring.map(snapped); }));
      }
    }

    load();
    if (drawn.getLayers().length) { map.fitBounds(drawn.getBounds().pad(0.4), { maxZoom: 18 }); }
    map.addControl(new L.Control.Draw({
      draw: {
        polygon: isPoint ? false : { allowIntersection: false, shapeOptions: { className: "wg-shape wg-shape-mine", weight: 3 } },
        marker: isPoint ? { icon: L.divIcon({ className: "wg-pin wg-pin-picked", iconSize: [22, 22] }) } : false,
        polyline: false, rectangle: false, circle: false, circlemarker: false
      },
      edit: { featureGroup: drawn, edit: isPoint ? {} : { selectedPathOptions: { className: "wg-shape wg-shape-mine" } } }
    }));
    map.on("draw:created", function (event) {
      if (isPoint) { drawn.clearLayers(); }
      snap(event.layer);
      drawn.addLayer(event.layer);
      save();
    });
    map.on("draw:edited", function (event) { event.layers.eachLayer(snap); save(); });
    map.on("draw:deleted", save);
    field.addEventListener("change", load);

    function isOwn(code) {
      var input = document.getElementById("id_code"), shown = document.querySelector(".field-code .readonly");
      return code === (input ? input.value : shown ? shown.textContent.trim() : "");
    }
    function show(level, isAbove) {
      var b = map.getBounds(), address = new URL(data.areasUrl, window.location.href);
      address.searchParams.set("bbox", [b.getWest(), b.getSouth(), b.getEast(), b.getNorth()].map(function (n) { return n.toFixed(6); }).join(","));
      address.searchParams.set("zoom", String(FULL_ZOOM));
      address.searchParams.set("plain", "1");
      address.searchParams.set("level", level);
      return fetch(address).then(function (answer) { return answer.ok ? answer.json() : { features: [] }; }).then(function (found) {
        if (found.level !== level) { return; }
        found.features.forEach(function (feature) {
          if (feature.properties.kind !== "area" || isOwn(feature.properties.code)) { return; }
          // Leaflet reads a string as HTML; a node of text stays text.
          var name = document.createElement("span");
          name.textContent = feature.properties.name;
          L.geoJSON(feature, { interactive: false, style: { className: "wg-shape " + (isAbove ? "wg-shape-above" : "wg-shape-beside"), weight: isAbove ? 3 : 1 } })
            .bindTooltip(name, { className: "wg-map-label" }).addTo(around);
          parts(feature.geometry).forEach(function (rings) {
            rings.forEach(function (ring) { ring.forEach(function (p) { corners.push(L.latLng(p[1], p[0])); }); });
          });
        });
        drawn.bringToFront();
      });
    }
    function refresh() {
      around.clearLayers();
      corners = [];
      if (data.levelAbove) { show(data.levelAbove, true); }
      if (data.level) { show(data.level, false); }
    }
    map.on("moveend", refresh);
    refresh();
    new ResizeObserver(function () { map.invalidateSize(); }).observe(box);
  }

  document.addEventListener("DOMContentLoaded", function () {
    document.querySelectorAll("[data-map-editor]").forEach(start);
  });
})();
