#include "daemon/project/yaml_events.h"

#include <yaml.h>

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "daemon/project/diagnostics.h"

namespace nopo {
namespace {

absl::string_view Text(const yaml_char_t* text) {
  return text == nullptr ? absl::string_view() : reinterpret_cast<const char*>(text);
}

bool IsKnownTag(absl::string_view tag) {
  if (tag.empty() || tag == "!") return true;
  if (!absl::ConsumePrefix(&tag, "tag:yaml.org,2002:")) return false;
  return tag == "str" || tag == "int" || tag == "float" || tag == "bool" || tag == "null" ||
         tag == "map" || tag == "seq" || tag == "merge";
}

bool IsNull(absl::string_view text) {
  return text.empty() || text == "~" || text == "null" || text == "Null" || text == "NULL";
}

// What in libyaml is a field of one of several structs.
struct Properties {
  const yaml_char_t* anchor = nullptr;
  const yaml_char_t* tag = nullptr;
};

Properties PropertiesOf(const yaml_event_t& event) {
  switch (event.type) {
    case YAML_ALIAS_EVENT:
      return {event.data.alias.anchor, nullptr};
    case YAML_SCALAR_EVENT:
      return {event.data.scalar.anchor, event.data.scalar.tag};
    case YAML_SEQUENCE_START_EVENT:
      return {event.data.sequence_start.anchor, event.data.sequence_start.tag};
    case YAML_MAPPING_START_EVENT:
      return {event.data.mapping_start.anchor, event.data.mapping_start.tag};
    default:
      return {};
  }
}

// Empty for what the tree has no use for.
std::optional<YamlEvent::Kind> KindOf(yaml_event_type_t type) {
  switch (type) {
    case YAML_DOCUMENT_START_EVENT:
      return YamlEvent::Kind::kDocumentStart;
    case YAML_ALIAS_EVENT:
      return YamlEvent::Kind::kAlias;
    case YAML_SCALAR_EVENT:
      return YamlEvent::Kind::kScalar;
    case YAML_SEQUENCE_START_EVENT:
      return YamlEvent::Kind::kListStart;
    case YAML_SEQUENCE_END_EVENT:
      return YamlEvent::Kind::kListEnd;
    case YAML_MAPPING_START_EVENT:
      return YamlEvent::Kind::kMapStart;
    case YAML_MAPPING_END_EVENT:
      return YamlEvent::Kind::kMapEnd;
    default:
      return std::nullopt;
  }
}

YamlEvent Translated(const yaml_event_t& event, YamlEvent::Kind kind) {
  YamlEvent translated;
  translated.kind = kind;
  translated.line = static_cast<int>(event.start_mark.line) + 1;
  translated.column = static_cast<int>(event.start_mark.column) + 1;
  translated.anchor = std::string(Text(PropertiesOf(event).anchor));
  if (kind != YamlEvent::Kind::kScalar) return translated;
  const auto& scalar = event.data.scalar;
  translated.text.assign(reinterpret_cast<const char*>(scalar.value), scalar.length);
  translated.plain = scalar.style == YAML_PLAIN_SCALAR_STYLE && scalar.tag == nullptr;
  if (translated.plain && IsNull(translated.text)) translated.kind = YamlEvent::Kind::kNull;
  return translated;
}

// libyaml tells what it did not like, and of what that was a part.
std::string Explanation(const yaml_parser_t& parser) {
  std::string message = absl::StrCat("found invalid YAML: ", parser.problem);
  if (parser.context != nullptr) {
    absl::StrAppend(&message, " ", parser.context, " from line ", parser.context_mark.line + 1);
  }
  return message;
}

// The first byte of the character at `mark`; NUL at the end. libyaml counts characters, not bytes.
char CharacterAt(absl::string_view text, const yaml_mark_t& mark) {
  const char* at = text.data();
  const char* const end = at + text.size();
  for (size_t line = 0; line < mark.line && at != end; ++line) {
    at = std::find(at, end, '\n');
    if (at != end) ++at;
  }
  for (size_t column = 0; column < mark.column && at != end; ++column) {
    do {
      ++at;
    } while (at != end && (*at & 0xC0) == 0x80);
  }
  return at == end ? '\0' : *at;
}

// What to do about a character that means more to YAML than to whoever wrote it.
std::string Advice(absl::string_view text, const yaml_parser_t& parser) {
  const char problem = CharacterAt(text, parser.problem_mark);
  if (problem == '\t') return "; expected spaces, because a tab does not indent";
  const absl::string_view context = parser.context == nullptr ? "" : parser.context;
  const bool in_word = context == "while scanning an alias" ||
                       context == "while scanning an anchor" || context == "while scanning a tag";
  const char first = in_word ? CharacterAt(text, parser.context_mark) : problem;
  constexpr absl::string_view kNeedQuotes = "@`%&*!|>";
  if (first == '\0' || kNeedQuotes.find(first) == absl::string_view::npos) return "";
  return absl::StrCat("; expected quotes around a text with '", std::string(1, first),
                      "' in front");
}

// libyaml's reader only knows how many bytes it had read.
std::pair<int, int> PlaceOf(absl::string_view text, size_t offset) {
  const absl::string_view before = text.substr(0, offset);
  const size_t line_end = before.rfind('\n');
  const absl::string_view line = before.substr(line_end + 1);  // All of it when npos.
  return {static_cast<int>(std::count(before.begin(), before.end(), '\n')) + 1,
          static_cast<int>(line.size()) + 1};
}

}  // namespace

struct YamlEvents::Parser {
  Parser() { created = yaml_parser_initialize(&parser) != 0; }
  ~Parser() {
    if (created) yaml_parser_delete(&parser);
  }
  yaml_parser_t parser;
  bool created = false;
};

YamlEvents::YamlEvents(absl::string_view text) : text_(text), parser_(std::make_unique<Parser>()) {
  if (!parser_->created) return;
  yaml_parser_set_encoding(&parser_->parser, YAML_UTF8_ENCODING);
  yaml_parser_set_input_string(&parser_->parser,
                               reinterpret_cast<const unsigned char*>(text.data()), text.size());
}

YamlEvents::~YamlEvents() = default;

std::optional<YamlEvent> YamlEvents::Stop(Mistake mistake) {
  mistake_ = std::move(mistake);
  return std::nullopt;
}

std::optional<YamlEvent> YamlEvents::Next() {
  if (!parser_->created) return Stop({0, 0, "cannot be read: out of memory"});
  yaml_parser_t& parser = parser_->parser;
  while (true) {
    yaml_event_t event;
    if (yaml_parser_parse(&parser, &event) == 0) {
      if (parser.error == YAML_MEMORY_ERROR) return Stop({0, 0, "cannot be read: out of memory"});
      if (parser.error == YAML_READER_ERROR) {
        const auto [line, column] = PlaceOf(text_, parser.problem_offset);
        return Stop({line, column, "found a control character; expected text"});
      }
      const yaml_mark_t& mark = parser.problem_mark;
      return Stop({static_cast<int>(mark.line) + 1, static_cast<int>(mark.column) + 1,
                   absl::StrCat(Explanation(parser), Advice(text_, parser))});
    }
    const std::unique_ptr<yaml_event_t, void (*)(yaml_event_t*)> owner(&event, yaml_event_delete);
    // After the stream's end libyaml goes on with events of no type.
    if (event.type == YAML_STREAM_END_EVENT || event.type == YAML_NO_EVENT) return std::nullopt;
    const std::optional<YamlEvent::Kind> kind = KindOf(event.type);
    if (!kind.has_value()) continue;
    YamlEvent translated = Translated(event, *kind);
    if (const absl::string_view tag = Text(PropertiesOf(event).tag); !IsKnownTag(tag)) {
      return Stop({translated.line, translated.column,
                   absl::StrCat("found the tag ", Quoted(tag),
                                "; expected quotes around a text with '!' in front")});
    }
    return translated;
  }
}

}  // namespace nopo
