// Reading what may be absent, null or of another type from the engine's JSON: each such field
// counts as empty, as it does for the engine's own clients.
#pragma once

#include <boost/json.hpp>
#include <cstdint>
#include <initializer_list>
#include <map>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace nopo {

// Errors: INTERNAL (ENGINE_FAILED) when `text` is no JSON.
absl::StatusOr<boost::json::value> ParseJson(absl::string_view text);

// The value at a path of keys; a null value when there is none.
const boost::json::value& FieldAt(const boost::json::value& value,
                                  std::initializer_list<absl::string_view> path);
std::string TextAt(const boost::json::value& value, std::initializer_list<absl::string_view> path);
int64_t IntegerAt(const boost::json::value& value, std::initializer_list<absl::string_view> path);
bool FlagAt(const boost::json::value& value, std::initializer_list<absl::string_view> path);
std::vector<std::string> TextsAt(const boost::json::value& value,
                                 std::initializer_list<absl::string_view> path);
std::map<std::string, std::string> TextMapAt(const boost::json::value& value,
                                             std::initializer_list<absl::string_view> path);

// The elements of an array; none when `value` is no array.
const boost::json::array& Elements(const boost::json::value& value);
// The members of an object; none when `value` is no object.
const boost::json::object& Members(const boost::json::value& value);

// A absl::string_view of Boost's own kind of view.
inline absl::string_view View(boost::json::string_view text) { return {text.data(), text.size()}; }

boost::json::array JsonTexts(const std::vector<std::string>& texts);
boost::json::object JsonTextMap(const std::map<std::string, std::string>& texts);

}  // namespace nopo
