#include "daemon/operations/json_values.h"

namespace nopo {

boost::json::array JsonStrings(const std::vector<std::string>& values) {
  boost::json::array array;
  for (const std::string& value : values) array.emplace_back(value);
  return array;
}

boost::json::object JsonObject(const std::map<std::string, std::string>& values) {
  boost::json::object object;
  for (const auto& [key, value] : values) object[key] = value;
  return object;
}

}  // namespace nopo
