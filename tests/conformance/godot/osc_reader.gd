# Open Sound Control 1.0: the messages of a datagram, each as [address, argument, ...].
extends Reference

var _bytes := StreamPeerBuffer.new()


func read(datagram: PoolByteArray) -> Array:
	_bytes.data_array = datagram
	_bytes.big_endian = true
	_bytes.seek(0)
	assert(_string() == "#bundle")
	_bytes.get_64()
	var messages := []
	while _bytes.get_available_bytes() > 0:
		var size := _bytes.get_32()
		var end := _bytes.get_position() + size
		messages.append(_message())
		assert(_bytes.get_position() == end)
	return messages


func _message() -> Array:
	var message := [_string()]
	for tag in _string().substr(1):
		match tag:
			"s":
				message.append(_string())
			"f":
				message.append(_bytes.get_float())
			"i":
				message.append(_bytes.get_32())
	return message


func _string() -> String:
	var characters := PoolByteArray()
	var character := _bytes.get_u8()
	while character != 0:
		characters.append(character)
		character = _bytes.get_u8()
	_bytes.seek((_bytes.get_position() + 3) / 4 * 4) # padded
	return characters.get_string_from_utf8()
