// Plain values as JSON.
#pragma once

#include <boost/json.hpp>

#include <map>
#include <string>
#include <vector>

namespace nopo {

boost::json::array JsonStrings(const std::vector<std::string>& values);
boost::json::object JsonObject(const std::map<std::string, std::string>& values);

}  // namespace nopo
