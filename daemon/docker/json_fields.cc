#include "daemon/docker/json_fields.h"

#include "absl/strings/str_cat.h"
#include "common/error.h"

namespace nopo {
namespace json = boost::json;

absl::StatusOr<json::value> ParseJson(absl::string_view text) {
  try {
    return json::parse(json::string_view(text.data(), text.size()));
  } catch (const std::exception& error) {
    return MakeError(absl::StatusCode::kInternal, Reason::kEngineFailed,
                     absl::StrCat("the engine answered something that is not JSON (", error.what(),
                                  "): ", text.substr(0, 200)));
  }
}

const json::value& FieldAt(const json::value& value,
                           std::initializer_list<absl::string_view> path) {
  static const json::value* const kAbsent = new json::value();
  const json::value* found = &value;
  for (const absl::string_view key : path) {
    const json::object* object = found->if_object();
    found = object == nullptr ? nullptr : object->if_contains({key.data(), key.size()});
    if (found == nullptr) return *kAbsent;
  }
  return *found;
}

std::string TextAt(const json::value& value, std::initializer_list<absl::string_view> path) {
  const json::string* text = FieldAt(value, path).if_string();
  return text == nullptr ? "" : std::string(text->data(), text->size());
}

int64_t IntegerAt(const json::value& value, std::initializer_list<absl::string_view> path) {
  const json::value& field = FieldAt(value, path);
  if (const int64_t* number = field.if_int64()) return *number;
  if (const uint64_t* number = field.if_uint64()) return static_cast<int64_t>(*number);
  return 0;
}

bool FlagAt(const json::value& value, std::initializer_list<absl::string_view> path) {
  const bool* flag = FieldAt(value, path).if_bool();
  return flag != nullptr && *flag;
}

std::vector<std::string> TextsAt(const json::value& value,
                                 std::initializer_list<absl::string_view> path) {
  std::vector<std::string> texts;
  for (const json::value& element : Elements(FieldAt(value, path))) {
    texts.push_back(TextAt(element, {}));
  }
  return texts;
}

std::map<std::string, std::string> TextMapAt(const json::value& value,
                                             std::initializer_list<absl::string_view> path) {
  std::map<std::string, std::string> texts;
  for (const auto& member : Members(FieldAt(value, path))) {
    texts.emplace(View(member.key()), TextAt(member.value(), {}));
  }
  return texts;
}

const json::array& Elements(const json::value& value) {
  static const json::array* const kNone = new json::array();
  const json::array* array = value.if_array();
  return array == nullptr ? *kNone : *array;
}

const json::object& Members(const json::value& value) {
  static const json::object* const kNone = new json::object();
  const json::object* object = value.if_object();
  return object == nullptr ? *kNone : *object;
}

json::array JsonTexts(const std::vector<std::string>& texts) {
  json::array array;
  for (const std::string& text : texts) array.emplace_back(text);
  return array;
}

json::object JsonTextMap(const std::map<std::string, std::string>& texts) {
  json::object object;
  for (const auto& [key, value] : texts) object[key] = value;
  return object;
}

}  // namespace nopo
